package lang

import "reflect"

// Clone returns a copy of a statement that shares nothing with it.
func Clone[S Stmt](s S) S {
	return cloned(reflect.ValueOf(s)).Interface().(S)
}

func cloned(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type()).Elem()
		if v.Kind() == reflect.Interface {
			out.Set(cloned(v.Elem()))
			return out
		}
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(cloned(v.Elem()))
		return out
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(cloned(v.Index(i)))
		}
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		for i := range v.NumField() {
			if out.Field(i).CanSet() {
				out.Field(i).Set(cloned(v.Field(i)))
			}
		}
		return out
	}
	return v
}

// RenameModels changes the names of models in the statements within a node; types are left alone.
func RenameModels(n Node, name func(string) string) {
	Walk(n, func(n Node) bool {
		if id := modelOf(n); id != nil && id.Name != "" {
			id.Name = name(id.Name)
		}
		return true
	})
}

// modelOf returns the name of the model whose documents a statement is about, or nil.
func modelOf(n Node) *Ident {
	switch s := n.(type) {
	case *GetStmt:
		return &s.Model
	case *FindStmt:
		return &s.Model
	case *CountStmt:
		return &s.Model
	case *ExistsStmt:
		return &s.Model
	case *CreateStmt:
		return &s.Model
	case *PutStmt:
		return &s.Model
	case *UpdateStmt:
		return &s.Model
	case *DeleteStmt:
		return &s.Model
	case *CopyStmt:
		return &s.Model
	case *ExpireStmt:
		return &s.Model
	case *PersistStmt:
		return &s.Model
	}
	return nil
}
