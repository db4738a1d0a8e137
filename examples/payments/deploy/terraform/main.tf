terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.14.1"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

variable "vpc_id" {
  description = "The network of the payments services."
  type        = string
}

variable "admin_cidr" {
  description = "Where administrators come from."
  type        = string
  default     = "10.20.0.0/16"
}

variable "rotate_keys" {
  description = "Whether the database key is renewed each year."
  type        = bool
  default     = false
}

variable "database_password" {
  description = "Set by the pipeline from the secret manager."
  type        = string
  sensitive   = true
}
