variable "name" {
  description = "What the server and everything of it is called, such as tablebooking."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,40}$", var.name)) && !endswith(var.name, "-") && !strcontains(var.name, "--")
    error_message = "Use small letters, digits and single hyphens, a letter first and no hyphen last, 41 at most."
  }
}

variable "vpc_id" {
  description = "The network in which the web servers are."
  type        = string
}

variable "subnets" {
  description = "Availability zone => range of addresses that is free in the network; two zones or more."
  type        = map(string)

  validation {
    condition     = length(var.subnets) >= 2
    error_message = "A server that survives a zone needs subnets in two of them: name two zones or more."
  }

  validation {
    condition     = alltrue([for cidr in values(var.subnets) : can(cidrhost(cidr, 0)) && try(tonumber(split("/", cidr)[1]) >= 16, false)])
    error_message = "Each range is written as 10.0.40.0/26, of a /16 or smaller."
  }
}

variable "client_security_group_ids" {
  description = "Security groups, by any name, whose members may connect, besides the group that this module makes for it."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for id in values(var.client_security_group_ids) : startswith(id, "sg-")])
    error_message = "Only security groups may come in, never ranges of addresses: name ids such as sg-0123456789abcdef0."
  }
}

variable "instance_class" {
  description = "Size of the server. Performance Insights for MySQL and MariaDB begins at medium."
  type        = string
  default     = "db.t4g.medium"
}

variable "allocated_storage" {
  description = "Gigabytes to begin with."
  type        = number
  default     = 20
}

variable "max_allocated_storage" {
  description = "Gigabytes up to which the storage grows by itself."
  type        = number
  default     = 100

  validation {
    condition     = var.max_allocated_storage > var.allocated_storage
    error_message = "The storage could not grow: set max_allocated_storage above allocated_storage."
  }
}

variable "multi_az" {
  description = "A second server in another zone takes over when the first one fails; it costs as much again."
  type        = bool
  default     = true
}

variable "backup_retention_period" {
  description = "Days for which every moment can be brought back."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_retention_period >= 7 && var.backup_retention_period <= 35
    error_message = "Keep backups for 7 to 35 days: a loss is often seen after the weekend only."
  }
}

variable "deletion_protection" {
  description = "Whether the server refuses to be deleted; switch it off in a step of its own before terraform destroy."
  type        = bool
  default     = true
}

variable "master_username" {
  description = "The administrator, for `outgrow provision` alone; no application logs in as it."
  type        = string
  default     = "outgrow_admin"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,15}$", var.master_username)) && !contains(["admin", "root", "postgres", "rdsadmin", "mysql"], var.master_username)
    error_message = "Use up to 16 small letters, digits and _, a letter first, and none of the names that everybody tries."
  }
}

variable "kms_key_id" {
  description = "ARN of the key that encrypts the storage; null takes the account's own key of RDS."
  type        = string
  default     = null
}

variable "extended_support" {
  description = "Whether AWS may go on with a version past its end, which is charged for each hour."
  type        = bool
  default     = false
}

variable "maintenance_window" {
  description = "When minor versions are installed (UTC)."
  type        = string
  default     = "sun:03:30-sun:04:30"
}

variable "backup_window" {
  description = "When the daily snapshot is taken (UTC)."
  type        = string
  default     = "02:00-03:00"
}

variable "tags" {
  description = "Tags of everything that is made."
  type        = map(string)
  default     = {}
}
