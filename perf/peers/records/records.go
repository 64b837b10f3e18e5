// Package records is what the two peers in Go share: their JSON, its bounds, and the XADD of each
// record.
package records

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"github.com/gomodule/redigo/redis"
)

// Entry is a record that was checked: the arguments of its XADD.
type Entry = redis.Args

// Reader makes entries of a body: an object or an array of them. It fails if one is bad.
type Reader = func(body []byte) ([]Entry, error)

// Vital is a reading. json.Number keeps a number as the text that was sent.
type Vital struct {
	DeviceID    string      `json:"device_id"`
	Timestamp   json.Number `json:"timestamp"`
	HeartRate   json.Number `json:"heart_rate"`
	BloodOxygen json.Number `json:"blood_oxygen"`
}

// Answer is a patient's answer to one question.
type Answer struct {
	PatientID  string      `json:"patient_id"`
	QuestionID string      `json:"question_id"`
	Answer     json.Number `json:"answer"`
	SubmitTime string      `json:"submit_time"`
}

var errBad = errors.New("bad record")

// ReadVitals is a Reader.
func ReadVitals(body []byte) ([]Entry, error) {
	return read(body, (*Vital).entry)
}

// ReadAnswers is a Reader.
func ReadAnswers(body []byte) ([]Entry, error) {
	return read(body, (*Answer).entry)
}

func read[Record any](body []byte, entry func(*Record) (Entry, error)) ([]Entry, error) {
	var some []Record
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		if err := json.Unmarshal(body, &some); err != nil {
			return nil, err
		}
	} else {
		some = make([]Record, 1)
		if err := json.Unmarshal(body, &some[0]); err != nil {
			return nil, err
		}
	}
	if len(some) == 0 {
		return nil, errBad
	}
	entries := make([]Entry, len(some))
	for i := range some {
		var err error
		if entries[i], err = entry(&some[i]); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func (v *Vital) entry() (Entry, error) {
	if !isText(v.DeviceID) || !isInteger(v.Timestamp) {
		return nil, errBad
	}
	if v.HeartRate == "" && v.BloodOxygen == "" {
		return nil, errBad
	}
	if !isWithin(v.HeartRate, 0, 350) || !isWithin(v.BloodOxygen, 0, 100) {
		return nil, errBad
	}
	entry := make(Entry, 0, 10)
	entry = append(entry, "vitals", "*", "device_id", v.DeviceID, "timestamp", string(v.Timestamp))
	if v.HeartRate != "" {
		entry = append(entry, "heart_rate", string(v.HeartRate))
	}
	if v.BloodOxygen != "" {
		entry = append(entry, "blood_oxygen", string(v.BloodOxygen))
	}
	return entry, nil
}

func (a *Answer) entry() (Entry, error) {
	if !isText(a.PatientID) || !isText(a.QuestionID) {
		return nil, errBad
	}
	if answer, err := a.Answer.Int64(); err != nil || answer != int64(int32(answer)) {
		return nil, errBad
	}
	if _, err := time.Parse(time.RFC3339, a.SubmitTime); err != nil {
		return nil, errBad
	}
	return Entry{"questionnaires", "*", "patient_id", a.PatientID, "question_id", a.QuestionID,
		"answer", string(a.Answer), "submit_time", a.SubmitTime}, nil
}

func isText(text string) bool { return len(text) >= 1 && len(text) <= 128 }

func isInteger(number json.Number) bool {
	_, err := number.Int64()
	return err == nil
}

// A number that was not sent is within every bound.
func isWithin(number json.Number, low, high float64) bool {
	if number == "" {
		return true
	}
	value, err := number.Float64()
	return err == nil && value >= low && value <= high
}
