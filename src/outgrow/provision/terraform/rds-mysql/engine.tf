locals {
  engine         = "mysql"
  engine_version = "8.4.9"
  family         = "mysql8.4"
  port           = 3306

  lifecycle_support = var.extended_support ? "open-source-rds-extended-support" : "open-source-rds-extended-support-disabled"
  logs              = ["error", "slowquery"]

  parameters = {
    "character_set_server"     = "utf8mb4"
    "collation_server"         = "utf8mb4_0900_ai_ci"
    "require_secure_transport" = "1"
    # an ordinary account may make triggers, as Outgrow's loose references and moves need, with the binary log on
    "log_bin_trust_function_creators" = "1"
    # what does not fit is an error, and not cut
    "sql_mode"       = "STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
    "slow_query_log" = "1"
  }

  scheme    = "mysql"
  home      = "mysql"
  tls_query = "ssl_mode=VERIFY_IDENTITY&ssl-ca=global-bundle.pem"
}
