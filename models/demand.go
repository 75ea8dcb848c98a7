package models

import (
	"math"
	"time"
)

// Conversion is what notifications led to.
type Conversion struct {
	Sent   int
	Clicks int
	Orders int // as far as shop systems report them
}

// Demand is who waits for one variant, and what its earlier restocks led to.
type Demand struct {
	// Oldest is when the one who has waited longest tapped Notify Me; Median is when the one in the middle did, zero where more
	// than MaxMedian wait.
	Oldest, Median time.Time
	// Ending counts the tokens that end within EndingSoon, up to MaxEnding.
	Ending  int
	Earlier Conversion
}

// Limits of what is counted for a list of demand, so that a row of it costs the same however many wait.
const (
	MaxMedian = 4000
	MaxEnding = 500
	// EndingSoon is how near a token's end is worth a word.
	EndingSoon = 30 * 24 * time.Hour
)

// AdviceBasis is what a piece of advice is reckoned from.
type AdviceBasis string

// The bases, the best first.
const (
	AdviceOwn    AdviceBasis = "own"    // how many of the people told of this variant ordered
	AdviceShop   AdviceBasis = "shop"   // how many of all that the shop told
	AdviceClicks AdviceBasis = "clicks" // no orders are reported: how many opened the link, which is the most that can buy
	AdviceNone   AdviceBasis = "none"   // too few were told to say anything
)

// How many must have been told before their share is one to reckon with.
const (
	MinOwnHistory  = 30
	MinShopHistory = 100
)

// OrderAdvice is how many pieces of a variant to order for those who wait, "about Units", likely between Low and High.
type OrderAdvice struct {
	Basis AdviceBasis
	// Units, Low and High are pieces beyond what is there. Without a basis Units is 0, and Low and High say only that between
	// one and all of them buy.
	Units, Low, High int
	// Share is that of the people told who bought, and From what it was counted on.
	Share float64
	From  Conversion
}

// AdviseOrder reckons how many pieces to order: the people who wait times the share of those told earlier who ordered, one
// piece each, less what is there already; at least one, at most one for everybody. The share is the variant's own from
// MinOwnHistory notifications on, else the shop's from MinShopHistory on. Where no shop system reports orders it is the
// share that opened the link. The bounds are those of the share's 90 % interval (Wilson, 1927), times the people who wait.
func AdviseOrder(v Variant, own, shop Conversion) OrderAdvice {
	if v.Waiting <= 0 {
		return OrderAdvice{Basis: AdviceNone}
	}
	a := OrderAdvice{Basis: AdviceNone, Low: 1, High: v.Waiting}
	ordersKnown := shop.Orders > 0
	switch {
	case own.Sent >= MinOwnHistory && ordersKnown:
		a.Basis, a.From = AdviceOwn, own
	case shop.Sent >= MinShopHistory && ordersKnown:
		a.Basis, a.From = AdviceShop, shop
	case own.Sent >= MinOwnHistory:
		a.Basis, a.From = AdviceClicks, own
	case shop.Sent >= MinShopHistory:
		a.Basis, a.From = AdviceClicks, shop
	}
	if a.Basis != AdviceNone {
		bought := a.From.Orders
		if a.Basis == AdviceClicks {
			bought = a.From.Clicks
		}
		bought = min(bought, a.From.Sent) // who orders twice still waited once
		a.Share = float64(bought) / float64(a.From.Sent)
		low, high := wilson(bought, a.From.Sent)
		a.Units, a.Low, a.High = pieces(v.Waiting, a.Share), pieces(v.Waiting, low), pieces(v.Waiting, high)
	}
	there := 0
	if !v.QuantityUnknown {
		there = max(0, v.Available)
	}
	a.Units, a.Low, a.High = max(0, a.Units-there), max(0, a.Low-there), max(0, a.High-there)
	return a
}

// pieces are as many as a share of those who wait, rounded up: half a piece cannot be ordered.
func pieces(waiting int, share float64) int {
	return min(waiting, max(1, int(math.Ceil(float64(waiting)*share-1e-9))))
}

// wilson are the bounds of the 90 % interval of a share.
func wilson(hits, of int) (low, high float64) {
	const z = 1.6449
	n, p := float64(of), float64(hits)/float64(of)
	middle := p + z*z/(2*n)
	spread := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	whole := 1 + z*z/n
	return max(0, (middle-spread)/whole), min(1, (middle+spread)/whole)
}
