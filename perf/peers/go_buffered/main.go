// go_buffered HOST:PORT REDIS_SOCKET: a gate of gin and redigo that answers first and stores later.
// Requests put their records into a channel of 10,240; four workers take them out, and send what
// they have as a pipeline of XADDs when that is 512 records or 500 ms old.
//
// Promises: 200 when all of the request's records are in the channel, in this process's memory;
// what is there or with a worker is lost with the process, and with Redis away longer than one try.
// On SIGTERM what is there is stored first. 400 when a record is bad, and none taken; 503 when the
// channel is full, and some of the request's records may have been taken.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gomodule/redigo/redis"

	"peers/records"
)

const (
	bufferRecords = 10240
	workers       = 4
	batchRecords  = 512
	batchAge      = 500 * time.Millisecond
	timeout       = 5 * time.Second
)

type accepted struct {
	Success  bool `json:"success"`
	Accepted int  `json:"accepted"`
}

func newPool(socket string) *redis.Pool {
	return &redis.Pool{
		MaxIdle: workers,
		Dial: func() (redis.Conn, error) {
			return redis.Dial("unix", socket, redis.DialConnectTimeout(timeout),
				redis.DialReadTimeout(timeout), redis.DialWriteTimeout(timeout))
		},
	}
}

func store(pool *redis.Pool, batch []records.Entry) error {
	conn := pool.Get()
	defer conn.Close()
	for _, entry := range batch {
		if err := conn.Send("XADD", entry...); err != nil {
			return err
		}
	}
	// Do without a command sends what Send wrote, and returns all replies or the first error.
	_, err := redis.Strings(conn.Do(""))
	return err
}

// Until the channel is closed and empty.
func storeBatches(pool *redis.Pool, buffer <-chan records.Entry) {
	batch := make([]records.Entry, 0, batchRecords)
	flush := func() {
		if len(batch) == 0 {
			return
		}
		if err := store(pool, batch); err != nil {
			log.Printf("up to %d records lost: %v", len(batch), err)
		}
		batch = batch[:0]
	}
	ticker := time.NewTicker(batchAge)
	defer ticker.Stop()
	for {
		select {
		case entry, open := <-buffer:
			if !open {
				flush()
				return
			}
			if batch = append(batch, entry); len(batch) == batchRecords {
				flush()
				ticker.Reset(batchAge)
			}
		case <-ticker.C:
			flush()
		}
	}
}

// False when the buffer is full.
func put(buffer chan<- records.Entry, entries []records.Entry) bool {
	for _, entry := range entries {
		select {
		case buffer <- entry:
		default:
			return false
		}
	}
	return true
}

func ingest(buffer chan<- records.Entry, read records.Reader) gin.HandlerFunc {
	return func(c *gin.Context) {
		body, err := c.GetRawData()
		if err != nil {
			c.AbortWithStatus(http.StatusBadRequest)
			return
		}
		entries, err := read(body)
		if err != nil {
			c.JSON(http.StatusBadRequest, gin.H{"success": false, "detail": err.Error()})
			return
		}
		if !put(buffer, entries) {
			c.JSON(http.StatusServiceUnavailable, gin.H{"success": false})
			return
		}
		c.JSON(http.StatusOK, accepted{true, len(entries)})
	}
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go_buffered HOST:PORT REDIS_SOCKET")
	}
	stop, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	buffer := make(chan records.Entry, bufferRecords)
	pool := newPool(os.Args[2])
	var running sync.WaitGroup
	for i := 0; i < workers; i++ {
		running.Add(1)
		go func() {
			defer running.Done()
			storeBatches(pool, buffer)
		}()
	}

	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.Recovery())
	router.POST("/v1/vitals", ingest(buffer, records.ReadVitals))
	router.POST("/v1/questionnaires", ingest(buffer, records.ReadAnswers))
	server := &http.Server{Addr: os.Args[1], Handler: router}
	go func() {
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()

	<-stop.Done()
	// Nobody puts records into the channel any more once this has returned without an error.
	deadline, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if err := server.Shutdown(deadline); err != nil {
		log.Fatal(err)
	}
	close(buffer)
	running.Wait()
}
