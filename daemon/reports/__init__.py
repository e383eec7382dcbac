"""What volexd tells people about itself, out of the rows of its database."""
