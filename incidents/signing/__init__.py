"""Signatures over bytes, each as its kind writes it. No Django, no input or output, no clock."""
