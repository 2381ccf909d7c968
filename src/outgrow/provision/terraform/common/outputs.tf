output "address" {
  description = "The server's name, within the network."
  value       = aws_db_instance.database.address
}

output "port" {
  description = "The server's port."
  value       = aws_db_instance.database.port
}

output "master_username" {
  description = "The administrator, for `outgrow provision` alone."
  value       = aws_db_instance.database.username
}

output "master_secret_arn" {
  description = "Where Secrets Manager keeps the administrator's password."
  value       = one(aws_db_instance.database.master_user_secret[*].secret_arn)
}

output "clients_security_group_id" {
  description = "Give this group to whatever has to connect."
  value       = aws_security_group.clients.id
}

output "admin_url" {
  description = "The administrator's URL, with PASSWORD in the password's place."
  value       = "${local.scheme}://${aws_db_instance.database.username}:PASSWORD@${aws_db_instance.database.address}:${aws_db_instance.database.port}/${local.home}?${local.tls_query}"
}
