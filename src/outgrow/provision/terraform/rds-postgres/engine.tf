locals {
  engine         = "postgres"
  engine_version = "18.4"
  family         = "postgres18"
  port           = 5432

  lifecycle_support = var.extended_support ? "open-source-rds-extended-support" : "open-source-rds-extended-support-disabled"
  logs              = ["postgresql", "upgrade"]

  parameters = {
    "rds.force_ssl"              = "1"
    "password_encryption"        = "scram-sha-256"
    "log_min_duration_statement" = "1000"
    # a web server that died in a transaction must not hold its locks for ever (milliseconds)
    "idle_in_transaction_session_timeout" = "600000"
  }

  scheme    = "postgresql"
  home      = "postgres"
  tls_query = "sslmode=verify-full&sslrootcert=global-bundle.pem"
}
