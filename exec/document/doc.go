// Package document reads documents: their columns by one command each, their values
// by the types of their fields, and their names where no set lists them.
package document
