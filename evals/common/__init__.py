"""What several measurements and the tests share: servers and sample files."""
