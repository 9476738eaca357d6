// Package shop is what rql gen makes of shop.rql, to be compiled and run by tests.
package shop
