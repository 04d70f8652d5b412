"""What engines that talk over the network share."""
