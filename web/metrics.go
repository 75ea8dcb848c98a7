package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"bentornato/models"
)

// statsReader reads the totals.
type statsReader interface {
	// Stats are those of one Page or, with an empty id, of all.
	Stats(ctx context.Context, pageID string) (models.Stats, error)
}

// metrics are the server's own, in a registry of their own.
type metrics struct {
	requests *prometheus.HistogramVec
	handler  http.Handler
}

// scrapePatience is how long a scrape waits for the database.
const scrapePatience = 5 * time.Second

func newMetrics(s *Server) *metrics {
	m := &metrics{requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "bentornato_http_request_duration_seconds", Help: "How long requests took, by route.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"method", "route", "status"})}
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "bentornato_info", Help: "The running version."}, []string{"version"})
	info.WithLabelValues(s.Version).Set(1)
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.requests, info,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "bentornato_ingest_queue", Help: "Webhook requests that wait for the disk."},
			func() float64 { return float64(s.Ingester.Queued()) }),
		totals{read: s.Reader})
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

// observe counts a request by its route, never by its path: there would be no end of them.
func (m *metrics) observe(method, route string, status int, took time.Duration) {
	if route == "" || status == http.StatusMethodNotAllowed {
		route = "none"
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete:
	default:
		method = "other"
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

// totals reads the product's counters when they are asked for; they cost the same however much there is.
type totals struct {
	read statsReader
}

func (totals) description(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("bentornato_"+name, help, labels, nil)
}

// Describe names nothing in advance: what there is depends on the database.
func (totals) Describe(chan<- *prometheus.Desc) {}

// Collect reads the counters.
func (t totals) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapePatience)
	defer cancel()
	up := 1.0
	s, err := t.read.Stats(ctx, "")
	if err != nil {
		up = 0
	}
	gauge := func(name, help string, n float64) {
		out <- prometheus.MustNewConstMetric(t.description(name, help), prometheus.GaugeValue, n)
	}
	gauge("database_up", "Whether the database answered.", up)
	if err != nil {
		return
	}
	for _, state := range models.TokenStates {
		out <- prometheus.MustNewConstMetric(t.description("tokens", "Tokens by state.", "state"), prometheus.GaugeValue, float64(s.Tokens[state]), string(state))
	}
	gauge("contacts", "Contacts on record.", float64(s.Contacts))
	gauge("interests", "Interests on record.", float64(s.Interests))
	gauge("requests", "Opt-in requests made.", float64(s.Requests))
	gauge("restocks_open", "Restocks that may still claim tokens.", float64(s.Running))
}
