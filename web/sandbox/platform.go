package sandbox

import (
	"context"
	cryptorand "crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Why an action could not be done. The sandbox knows no other errors of its own.
var (
	ErrUnknown = errors.New("sandbox: no such page, person or message")
	ErrBlocked = errors.New("sandbox: the person has blocked the page")
	ErrFull    = errors.New("sandbox: full")
	ErrInvalid = errors.New("sandbox: invalid")
)

// Platform is the pretend platform. Its methods may be called from many goroutines.
type Platform struct {
	options Options
	now     func() time.Time
	log     *slog.Logger
	client  *http.Client
	ownHTTP bool
	closing chan struct{} // closed when Run ends: streams and hanging answers let go

	mu        sync.Mutex
	random    *rand.Rand
	changed   chan struct{} // closed and replaced at every change
	pages     map[string]*page
	pageList  []*page
	byToken   map[string]*page
	threads   map[threadKey]*thread
	people    []*thread // in the order they were added
	tokens    map[string]*token
	comments  map[string]*comment
	notified  []Message
	logins    []*login
	recurring []*subscription
	guests    map[string]*thread // by user_ref
	// appFields are those that the app takes webhooks of; nil until it says so by a call.
	appFields []string
	faults    []*fault
	faultID   int
	calls     ring[Call]
	sent      ring[*delivery]
	mode      WebhookMode
	post      postOffice
	running   bool
	streams   int
}

type threadKey struct{ page, psid string }

// New makes a platform with no pages. Nothing runs until Run.
func New(o Options) *Platform {
	p := &Platform{
		options: o, now: o.Now, log: o.Logger, client: o.Client,
		closing: make(chan struct{}), changed: make(chan struct{}),
		pages: map[string]*page{}, byToken: map[string]*page{}, threads: map[threadKey]*thread{},
		tokens: map[string]*token{}, guests: map[string]*thread{}, comments: map[string]*comment{},
		calls: ring[Call]{max: MaxCalls}, sent: ring[*delivery]{max: MaxDeliveries},
	}
	if p.now == nil {
		p.now = time.Now
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.client == nil {
		p.client, p.ownHTTP = newDeliveryClient(), true
	}
	seed := o.Seed
	if seed == 0 {
		var b [8]byte
		cryptorand.Read(b[:]) // never fails: it ends the program instead
		seed = binary.LittleEndian.Uint64(b[:])
	}
	p.random = rand.New(rand.NewPCG(seed, 0x62656e746f726e61))
	p.post.init(&p.mu)
	return p
}

// touch tells everyone who waits that something changed. The lock is held.
func (p *Platform) touch() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// id is a random text of n bytes in the URL-safe alphabet. The lock is held.
func (p *Platform) id(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(p.random.Uint32())
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// digits is a random number of n digits that does not begin with 0. The lock is held.
func (p *Platform) digits(n int) string {
	var b strings.Builder
	b.WriteByte(byte('1' + p.random.IntN(9)))
	for b.Len() < n {
		b.WriteByte(byte('0' + p.random.IntN(10)))
	}
	return b.String()
}

// Wait returns when done says true, looking again after every change, or with the context's error. It replaces sleeping in tests.
// done may call any of the platform's methods.
func (p *Platform) Wait(ctx context.Context, done func() bool) error {
	for {
		p.mu.Lock()
		changed := p.changed
		p.mu.Unlock()
		if done() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ring keeps the newest max values, oldest first.
type ring[T any] struct {
	max    int
	values []T
	start  int
}

func (r *ring[T]) add(v T) {
	if len(r.values) < r.max {
		r.values = append(r.values, v)
		return
	}
	r.values[r.start] = v
	r.start = (r.start + 1) % r.max
}

func (r *ring[T]) all() []T {
	out := make([]T, 0, len(r.values))
	out = append(out, r.values[r.start:]...)
	return append(out, r.values[:r.start]...)
}

func (r *ring[T]) clear() { r.values, r.start = nil, 0 }
