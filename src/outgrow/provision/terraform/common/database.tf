resource "aws_db_parameter_group" "database" {
  name_prefix = "${var.name}-"
  family      = local.family
  description = "What Django and Outgrow expect of ${local.engine}"

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = "pending-reboot"
    }
  }

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "database" {
  identifier = var.name

  engine                      = local.engine
  engine_version              = local.engine_version
  engine_lifecycle_support    = local.lifecycle_support
  allow_major_version_upgrade = false
  auto_minor_version_upgrade  = true

  instance_class        = var.instance_class
  storage_type          = "gp3"
  allocated_storage     = var.allocated_storage
  max_allocated_storage = var.max_allocated_storage
  storage_encrypted     = true
  kms_key_id            = var.kms_key_id

  # RDS makes the password, keeps it in Secrets Manager and changes it: it is in no file and not in Terraform's state.
  # There is no db_name: `outgrow provision` makes the logical database with its roles.
  username                    = var.master_username
  manage_master_user_password = true

  db_subnet_group_name   = aws_db_subnet_group.database.name
  vpc_security_group_ids = [aws_security_group.database.id]
  publicly_accessible    = false
  port                   = local.port
  ca_cert_identifier     = "rds-ca-rsa2048-g1"
  parameter_group_name   = aws_db_parameter_group.database.name

  multi_az                = var.multi_az
  backup_retention_period = var.backup_retention_period
  backup_window           = var.backup_window
  maintenance_window      = var.maintenance_window
  copy_tags_to_snapshot   = true

  deletion_protection       = var.deletion_protection
  delete_automated_backups  = false
  skip_final_snapshot       = false
  final_snapshot_identifier = "${var.name}-final"

  performance_insights_enabled          = true
  performance_insights_retention_period = 7
  enabled_cloudwatch_logs_exports       = local.logs

  apply_immediately = false

  tags = var.tags
}
