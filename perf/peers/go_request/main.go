// go_request HOST:PORT REDIS_SOCKET: a gate of gin and redigo. Each request has a goroutine, which
// takes a connection out of a pool (or waits for one) and asks Redis itself: one XADD for a record;
// a request's several records as one MULTI ... EXEC, sent as a pipeline.
//
// Promises: 200 after Redis has answered that it has all of the request's records; 400 when one
// is bad, and none stored; 503 when Redis did not take them.
package main

import (
	"log"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gomodule/redigo/redis"

	"peers/records"
)

const (
	connections = 64 // to Redis; a request that finds none free waits
	timeout     = 5 * time.Second
)

type accepted struct {
	Success  bool `json:"success"`
	Accepted int  `json:"accepted"`
}

func newPool(socket string) *redis.Pool {
	return &redis.Pool{
		MaxActive: connections,
		MaxIdle:   connections,
		Wait:      true,
		Dial: func() (redis.Conn, error) {
			return redis.Dial("unix", socket, redis.DialConnectTimeout(timeout),
				redis.DialReadTimeout(timeout), redis.DialWriteTimeout(timeout))
		},
	}
}

func store(pool *redis.Pool, entries []records.Entry) error {
	conn := pool.Get()
	defer conn.Close()
	if len(entries) == 1 {
		_, err := conn.Do("XADD", entries[0]...)
		return err
	}
	// An error of Send is kept by the connection, and Do returns it.
	conn.Send("MULTI")
	for _, entry := range entries {
		conn.Send("XADD", entry...)
	}
	// Strings fails, too, if one of EXEC's replies is an error.
	_, err := redis.Strings(conn.Do("EXEC"))
	return err
}

func ingest(pool *redis.Pool, read records.Reader) gin.HandlerFunc {
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
		if err := store(pool, entries); err != nil {
			log.Print("not stored: ", err)
			c.JSON(http.StatusServiceUnavailable, gin.H{"success": false})
			return
		}
		c.JSON(http.StatusOK, accepted{true, len(entries)})
	}
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go_request HOST:PORT REDIS_SOCKET")
	}
	pool := newPool(os.Args[2])
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.Recovery())
	router.POST("/v1/vitals", ingest(pool, records.ReadVitals))
	router.POST("/v1/questionnaires", ingest(pool, records.ReadAnswers))
	log.Fatal(http.ListenAndServe(os.Args[1], router))
}
