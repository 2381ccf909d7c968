locals {
  engine         = "mariadb"
  engine_version = "11.8.8"
  family         = "mariadb11.8"
  port           = 3306

  # extended support is for MySQL and PostgreSQL alone: a MariaDB past its end is upgraded
  lifecycle_support = null
  logs              = ["error", "slowquery"]

  parameters = {
    "character_set_server"     = "utf8mb4"
    "collation_server"         = "utf8mb4_uca1400_ai_ci"
    "require_secure_transport" = "1"
    # an ordinary account may make triggers, as Outgrow's loose references and moves need, with the binary log on
    "log_bin_trust_function_creators" = "1"
    # what does not fit is an error, and not cut
    "sql_mode"       = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
    "slow_query_log" = "1"
  }

  scheme    = "mysql"
  home      = "mysql"
  tls_query = "ssl_mode=VERIFY_IDENTITY&ssl-ca=global-bundle.pem"
}
