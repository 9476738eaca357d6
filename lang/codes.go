package lang

// Code is the stable, kebab-case name of an error or a warning.
type Code string
