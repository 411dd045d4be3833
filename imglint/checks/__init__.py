"""The conditions of the rules: a module or package a family, a function a rule, of the rule's own name."""
