locals {
  archive_acl = "private"
}

resource "aws_s3_bucket" "receipts" {
  bucket = "example-payments-receipts"
}

resource "aws_s3_bucket_acl" "receipts" {
  bucket = aws_s3_bucket.receipts.id
  acl    = "public-read"
}

resource "aws_s3_bucket" "archive" {
  bucket = "example-payments-archive"
}

resource "aws_s3_bucket_acl" "archive" {
  bucket = aws_s3_bucket.archive.id
  acl    = local.archive_acl
}

resource "aws_s3_bucket_public_access_block" "archive" {
  bucket                  = aws_s3_bucket.archive.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_kms_key" "database" {
  description         = "Encrypts the backups of the payments database"
  enable_key_rotation = var.rotate_keys
}

resource "aws_db_instance" "payments" {
  identifier              = "payments"
  engine                  = "postgres"
  engine_version          = "17.5"
  instance_class          = "db.m7g.large"
  allocated_storage       = 100
  username                = "payments"
  password                = var.database_password
  vpc_security_group_ids  = [aws_security_group.database.id]
  publicly_accessible     = true
  storage_encrypted       = false
  deletion_protection     = true
  backup_retention_period = 14
}
