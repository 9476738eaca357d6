package main

import (
	"errors"
	"time"
)

// Reasons for a refusal.
var (
	ErrSoldOut   = errors.New("sold out")
	ErrEmptyCart = errors.New("the cart is empty")
	ErrNoProduct = errors.New("there is no such product")
	ErrNoSession = errors.New("log in first")
	ErrBadInput  = errors.New("bad input")
)

// Product is what the shop sells.
type Product struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Price int    `json:"price"` // in cents
	Stock int    `json:"stock"`
}

// Leader is a product that sells well.
type Leader struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Sold int    `json:"sold"`
}

// Line is a part of a cart or an order.
type Line struct {
	Product string `json:"product"`
	Name    string `json:"name"`
	N       int    `json:"n"`
	Cost    int    `json:"cost"`
}

// Receipt is what a checkout gives.
type Receipt struct {
	ID    string `json:"id"`
	Total int    `json:"total"`
}

// Order is a purchase.
type Order struct {
	Receipt
	State string    `json:"state"`
	At    time.Time `json:"at"`
	Lines []Line    `json:"lines"`
}

// Job is a parcel to send, which this worker has taken for the Taken-th time.
type Job struct {
	ID, Parcel string
	Taken      int
}
