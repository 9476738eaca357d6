//go:build race

package testredis

const raced = true
