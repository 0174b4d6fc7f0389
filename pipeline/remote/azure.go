package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/quotewire/quotewire/pipeline/retry"
)

// azure is a container of Azure Blob Storage. Who we are is in the environment, as for Azure's own tools:
// AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or nothing.
type azure struct {
	c        *container.Client
	patience Patience
}

func openAzure(p place, patience Patience) (bucket, error) {
	// The Reader tries again, from where it stood.
	o := &azblob.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: client, Retry: policy.RetryOptions{MaxRetries: -1}}}
	account := os.Getenv("AZURE_STORAGE_ACCOUNT")
	endpoint := strings.TrimSuffix(cmp.Or(p.query.Get("endpoint"), os.Getenv("AZURE_STORAGE_ENDPOINT"), "https://"+account+".blob.core.windows.net"), "/") + "/"
	token := strings.TrimPrefix(os.Getenv("AZURE_STORAGE_SAS_TOKEN"), "?")
	var c *azblob.Client
	var err error
	switch whole, key := os.Getenv("AZURE_STORAGE_CONNECTION_STRING"), os.Getenv("AZURE_STORAGE_KEY"); {
	case whole != "":
		c, err = azblob.NewClientFromConnectionString(whole, o)
	case account == "" && endpoint == "https://.blob.core.windows.net/":
		err = errors.New("whose container is it? Set AZURE_STORAGE_ACCOUNT, and AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or AZURE_STORAGE_CONNECTION_STRING")
	case key != "":
		var shared *azblob.SharedKeyCredential
		if shared, err = azblob.NewSharedKeyCredential(account, key); err == nil {
			c, err = azblob.NewClientWithSharedKeyCredential(endpoint, shared, o)
		}
	case token != "":
		c, err = azblob.NewClientWithNoCredential(endpoint+"?"+token, o)
	default:
		c, err = azblob.NewClientWithNoCredential(endpoint, o)
	}
	if err != nil {
		return nil, refusal{err}
	}
	return azure{c.ServiceClient().NewContainerClient(p.bucket), patience}, nil
}

func (a azure) list(ctx context.Context, prefix string) iter.Seq2[object, error] {
	return func(yield func(object, error) bool) {
		pages := a.c.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Prefix: &prefix})
		for failed := 0; pages.More(); {
			page, err := pages.NextPage(ctx) // the same page again after an error
			if err = errorOfAzure(err); err != nil {
				if failed++; !a.patience.ends(failed, err) && retry.Sleep(ctx, a.patience.wait(failed)) {
					continue
				}
				yield(object{}, err)
				return
			}
			failed = 0
			for _, b := range page.Segment.BlobItems {
				o := object{key: *b.Name, size: -1}
				if b.Properties != nil && b.Properties.ContentLength != nil {
					o.size = *b.Properties.ContentLength
				}
				if b.Properties != nil && b.Properties.ETag != nil {
					o.version = strings.Trim(string(*b.Properties.ETag), `"`)
				}
				if !yield(o, nil) {
					return
				}
			}
		}
	}
}

func (a azure) open(key string) opener {
	return func(ctx context.Context, f File, from, to int64) (body, error) {
		o := &blob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: from}}
		if to >= 0 {
			o.Range.Count = to - from
		}
		if f.Version != "" {
			tag := azcore.ETag(`"` + f.Version + `"`)
			o.AccessConditions = &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: &tag}}
		}
		r, err := a.c.NewBlobClient(key).DownloadStream(ctx, o)
		if err != nil {
			return body{}, errorOfAzure(err)
		}
		b := body{ReadCloser: r.Body, size: -1}
		if r.ETag != nil {
			b.version = strings.Trim(string(*r.ETag), `"`)
		}
		switch {
		case r.ContentRange != nil:
			_, b.size, err = contentRange(*r.ContentRange)
		case from > 0:
			err = refusal{errors.New("the store does not give parts of an object")}
		case r.ContentLength != nil:
			b.size = *r.ContentLength
		}
		if err != nil {
			r.Body.Close()
		}
		return b, err
	}
}

// errorOfAzure says whether another try may help.
func errorOfAzure(err error) error {
	var answer *azcore.ResponseError
	if !errors.As(err, &answer) {
		return unwrapURL(err)
	}
	said := fmt.Errorf("the store answers %d %s", answer.StatusCode, answer.ErrorCode)
	return answered(answer.StatusCode, said, said)
}
