package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/quotewire/quotewire/pipeline/retry"
)

// s3 is a bucket of Amazon S3, of anything that speaks its protocol, and of Google Cloud Storage, whose XML API does.
//
// Who we are is found where Amazon's own tools look: the environment, ~/.aws/credentials, the machine's or container's
// role; where nothing is found the bucket is asked as anybody might.
type s3 struct {
	core     minio.Core
	name     string
	patience Patience
}

func openS3(p place, patience Patience) (bucket, error) {
	endpoint := cmp.Or(p.query.Get("endpoint"), os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL"), "https://s3.amazonaws.com")
	creds := credentials.Value{SignerType: credentials.SignatureAnonymous}
	if p.query.Get("anonymous") == "" {
		// Asked once: a chain that finds nothing would look again before every request.
		found, err := credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{Client: &http.Client{Timeout: 2 * time.Second}},
		}).GetWithContext(nil)
		if err != nil {
			return nil, refusal{fmt.Errorf("looking for AWS credentials: %w", err)}
		}
		creds = found
	}
	region := cmp.Or(p.query.Get("region"), os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	return newS3(endpoint, p.bucket, minio.Options{Creds: credentials.NewStatic(creds.AccessKeyID, creds.SecretAccessKey, creds.SessionToken, creds.SignerType), Region: region}, patience)
}

// openGCS takes application default credentials, as Google's own tools do, or none.
func openGCS(ctx context.Context, p place, patience Patience) (bucket, error) {
	o := minio.Options{Creds: credentials.NewStatic("", "", "", credentials.SignatureAnonymous), Region: "auto"}
	if p.query.Get("anonymous") == "" {
		if found, err := google.FindDefaultCredentials(ctx, "https://www.googleapis.com/auth/devstorage.read_write"); err == nil {
			o.Transport = &oauth2.Transport{Source: found.TokenSource, Base: client.Transport}
		}
	}
	return newS3(cmp.Or(p.query.Get("endpoint"), os.Getenv("STORAGE_EMULATOR_HOST"), "https://storage.googleapis.com"), p.bucket, o, patience)
}

func newS3(endpoint, bucket string, o minio.Options, patience Patience) (bucket, error) {
	if !strings.Contains(endpoint, "://") {
		endpoint = "http://" + endpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return nil, refusal{fmt.Errorf("endpoint %q is no URL", endpoint)}
	}
	o.Secure, o.MaxRetries = u.Scheme == "https", 1 // the Reader tries again, from where it stood
	if o.Transport == nil {
		o.Transport = client.Transport
	}
	c, err := minio.New(u.Host, &o)
	if err != nil {
		return nil, refusal{err}
	}
	return &s3{minio.Core{Client: c}, bucket, patience}, nil
}

func (s *s3) list(ctx context.Context, prefix string) iter.Seq2[object, error] {
	return func(yield func(object, error) bool) {
		after := "" // what was yielded last: where listing is begun anew after an error
		for failed := 0; ; {
			err := s.listOnce(ctx, prefix, &after, yield)
			if errors.Is(err, errEnough) {
				return
			}
			if failed++; err == nil || s.patience.ends(failed, err) || ctx.Err() != nil {
				if err != nil {
					yield(object{}, err)
				}
				return
			}
			if !retry.Sleep(ctx, s.patience.wait(failed)) {
				return
			}
		}
	}
}

var errEnough = errors.New("nobody wants any more")

func (s *s3) listOnce(ctx context.Context, prefix string, after *string, yield func(object, error) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the lister
	for o := range s.core.Client.ListObjects(ctx, s.name, minio.ListObjectsOptions{Prefix: prefix, Recursive: true, StartAfter: *after}) {
		if o.Err != nil {
			return errorOfS3(o.Err)
		}
		if !yield(object{o.Key, o.Size, version(o)}, nil) {
			return errEnough
		}
		*after = o.Key
	}
	return ctx.Err()
}

func version(o minio.ObjectInfo) string { return strings.Trim(o.ETag, `"`) }

func (s *s3) open(key string) opener {
	return func(ctx context.Context, f File, from, to int64) (body, error) {
		var o minio.GetObjectOptions
		if from > 0 || to >= 0 {
			span := fmt.Sprintf("bytes=%d-", from)
			if to >= 0 {
				span += strconv.FormatInt(to-1, 10)
			}
			o.Set("Range", span)
		}
		if f.Version != "" {
			o.SetMatchETag(f.Version)
		}
		r, info, h, err := s.core.GetObject(ctx, s.name, key, o)
		if err != nil {
			return body{}, errorOfS3(err)
		}
		b := body{ReadCloser: r, size: info.Size, version: version(info)}
		if span := h.Get("Content-Range"); span != "" {
			_, b.size, err = contentRange(span)
		} else if from > 0 {
			err = refusal{errors.New("the store does not give parts of an object")}
		}
		if err != nil {
			r.Close()
		}
		return b, err
	}
}

// errorOfS3 says whether another try may help.
func errorOfS3(err error) error {
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		return unwrapURL(err)
	}
	return answered(answer.StatusCode, fmt.Errorf("the store answers %d %s", answer.StatusCode, answer.Code),
		fmt.Errorf("%s (%s)", strings.TrimSuffix(answer.Error(), "."), cmp.Or(answer.Code, strconv.Itoa(answer.StatusCode))))
}
