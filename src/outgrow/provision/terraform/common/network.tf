# Subnets of the database's own. Their table of routes has none but the network's inner one, so that nothing in them
# can be reached from outside, and reaches nothing there.
resource "aws_subnet" "database" {
  for_each = var.subnets

  vpc_id                  = var.vpc_id
  availability_zone       = each.key
  cidr_block              = each.value
  map_public_ip_on_launch = false

  tags = merge(var.tags, { Name = "${var.name}-database-${each.key}" })
}

resource "aws_route_table" "database" {
  vpc_id = var.vpc_id
  route  = []

  tags = merge(var.tags, { Name = "${var.name}-database" })
}

resource "aws_route_table_association" "database" {
  for_each = aws_subnet.database

  subnet_id      = each.value.id
  route_table_id = aws_route_table.database.id
}

resource "aws_db_subnet_group" "database" {
  name        = "${var.name}-database"
  description = "Private subnets of ${var.name}"
  subnet_ids  = [for subnet in aws_subnet.database : subnet.id]

  tags = var.tags
}

# Who is in this group may connect: give it to the web servers, and to the machine on which `outgrow provision` runs.
resource "aws_security_group" "clients" {
  name        = "${var.name}-database-clients"
  description = "May connect to the database of ${var.name}"
  vpc_id      = var.vpc_id

  tags = merge(var.tags, { Name = "${var.name}-database-clients" })
}

resource "aws_security_group" "database" {
  name        = "${var.name}-database"
  description = "The database of ${var.name}"
  vpc_id      = var.vpc_id

  tags = merge(var.tags, { Name = "${var.name}-database" })
}

# Rules name security groups, never addresses: a developer's address changes, and an open port does not close itself.
resource "aws_vpc_security_group_ingress_rule" "from_clients" {
  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = aws_security_group.clients.id
  description                  = "Members of ${aws_security_group.clients.name}"
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port

  tags = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "from_others" {
  for_each = var.client_security_group_ids

  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = each.value
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port

  tags = var.tags
}

resource "aws_vpc_security_group_egress_rule" "to_database" {
  security_group_id            = aws_security_group.clients.id
  referenced_security_group_id = aws_security_group.database.id
  description                  = "The database of ${var.name}"
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port

  tags = var.tags
}
