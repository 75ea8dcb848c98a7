package store

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"gorm.io/gorm/schema"
)

// timestamps stores a time.Time as unix milliseconds, the zero time as 0: sorted and compared alike on both
// databases, whatever their drivers make of time zones. Fields ask for it with `gorm:"serializer:ms"`.
type timestamps struct{}

// registerTimestamps makes gorm know the name; gorm keeps serializers for the whole program.
var registerTimestamps = sync.OnceFunc(func() { schema.RegisterSerializer("ms", timestamps{}) })

// Scan reads milliseconds into the field.
func (timestamps) Scan(ctx context.Context, field *schema.Field, dst reflect.Value, value any) error {
	var ms int64
	switch v := value.(type) {
	case nil:
	case int64:
		ms = v
	case int32:
		ms = int64(v)
	default:
		return fmt.Errorf("column %s holds a %T, not milliseconds", field.DBName, value)
	}
	field.ReflectValueOf(ctx, dst).Set(reflect.ValueOf(fromMillis(ms)))
	return nil
}

// Value writes the field as milliseconds.
func (timestamps) Value(_ context.Context, field *schema.Field, _ reflect.Value, value any) (any, error) {
	t, ok := value.(time.Time)
	if !ok {
		return nil, fmt.Errorf("field %s is a %T, not a time", field.Name, value)
	}
	return millis(t), nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
