package main

import (
	"errors"
	"io"
	"net"
	"os"
)

// outcome is how a handshake failed or a connection ended.
//
//	close      both sides have sent CLOSE
//	alert      the peer has sent one
//	truncated  the peer ended its side of the transport before it might
//	reset      the transport failed
//	fault      we refused what the peer did; Reason has the alert for it,
//	           AlertSent only if it was sent
//	aborted    the test had it so
type outcome struct {
	End           string `json:"end"`
	Reason        string `json:"reason,omitempty"`
	AlertSent     string `json:"alertSent,omitempty"`
	AlertReceived string `json:"alertReceived,omitempty"`
}

// alerted is the error of an alert from the peer.
type alerted struct{ code alertCode }

func (a alerted) Error() string { return "alert " + a.code.String() }

var (
	errTruncated = errors.New("the transport has ended too early")
	errAborted   = errors.New("aborted")
)

// outcomeOf an error, before anything is sent because of it.
func outcomeOf(err error) *outcome {
	var f *fault
	var a alerted
	switch {
	case errors.As(err, &f):
		return &outcome{End: "fault", Reason: f.Error()}
	case errors.As(err, &a):
		return &outcome{End: "alert", AlertReceived: a.code.String()}
	case errors.Is(err, errTruncated):
		return &outcome{End: "truncated"}
	case errors.Is(err, errAborted):
		return &outcome{End: "aborted"}
	}
	return &outcome{End: "reset", Reason: err.Error()}
}

// transportError translates what reading fails with.
func transportError(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errTruncated
	case errors.Is(err, os.ErrDeadlineExceeded):
		return faultf(alertTimeout, "the peer is too slow")
	case errors.Is(err, net.ErrClosed):
		return errAborted
	}
	return err
}
