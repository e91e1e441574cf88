using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CloudPbx.Data.Postgres;

/// <summary>Rows of one table as a JSON array, and the statement that inserts them: columns, types and conversions are the model's. Thread-safe.</summary>
/// <typeparam name="TRow">The entity.</typeparam>
internal sealed class JsonRows<TRow>
    where TRow : class
{
    // The database reads it, no browser: a quotation mark in a text that is JSON itself takes two octets, not six.
    private static readonly JsonWriterOptions s_options = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Column[] _columns;
    private readonly Column[] _own;
    private readonly Column[] _others;

    /// <param name="model">The context's model.</param>
    /// <param name="known">What is done with a row that the table has already: the end of the statement.</param>
    /// <param name="beside">Another entity whose columns are in the same rows; <see langword="null"/> for none.</param>
    public JsonRows(IModel model, string known = "", Type? beside = null)
    {
        IEntityType entity = Find(model, typeof(TRow));
        _own = [.. entity.GetProperties().Select(property => new Column(property))];
        _others = beside is null ? [] : [.. Find(model, beside).GetProperties().Where(property => !property.IsPrimaryKey()).Select(property => new Column(property))];
        _columns = [.. _own, .. _others];
        Insert =
            $"""
            INSERT INTO "{entity.GetTableName()}" ({string.Join(", ", _columns.Select(column => $"\"{column.Name}\""))})
            SELECT {string.Join(", ", _columns.Select(column => column.Name == "sequence" ? """s."last" - $3 + r."sequence" """ : $"r.\"{column.Name}\""))}
            FROM tenant_sequences s, json_to_recordset($2) AS r({string.Join(", ", _columns.Select(column => $"\"{column.Name}\" {column.Type}"))})
            WHERE s.tenant_id = $1 {known}
            """;
    }

    /// <summary>The statement: $1 is the tenant, $2 the rows, $3 how many numbers were just taken for them, which they count from 1. Without the tenant's row of sequences it inserts nothing.</summary>
    public string Insert { get; }

    /// <summary>Writes the rows.</summary>
    /// <param name="octets">Where to.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="besides">The other entity of a row's, where it has one.</param>
    /// <returns>Whether there were any.</returns>
    public bool Write(PooledOctets octets, IEnumerable<TRow> rows, Func<TRow, object?>? besides = null)
    {
        using Utf8JsonWriter json = new(octets, s_options);
        bool any = false;
        json.WriteStartArray();
        foreach (TRow row in rows)
        {
            any = true;
            json.WriteStartObject();
            foreach (Column column in _own)
                column.Write(json, row);
            if (besides?.Invoke(row) is { } other)
                foreach (Column column in _others)
                    column.Write(json, other);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.Flush();
        return any;
    }

    private static IEntityType Find(IModel model, Type type) => model.FindEntityType(type) ?? throw new ArgumentException($"{type.Name} is not in the model.", nameof(model));

    private sealed class Column(IProperty property)
    {
        private readonly JsonEncodedText _name = JsonEncodedText.Encode(property.GetColumnName());
        private readonly IClrPropertyGetter _value = property.GetGetter();
        private readonly ValueConverter? _converter = property.GetTypeMapping().Converter;

        public string Name { get; } = property.GetColumnName();

        public string Type { get; } = property.GetColumnType();

        // A null is left out: the record set reads it as NULL.
        public void Write(Utf8JsonWriter json, object row)
        {
            if (_value.GetClrValueUsingContainingEntity(row) is not { } value || (_converter is null ? value : _converter.ConvertToProvider(value)) is not { } stored)
                return;
            switch (stored)
            {
                case string text:
                    json.WriteString(_name, text);
                    break;
                case Guid id:
                    json.WriteString(_name, id);
                    break;
                case DateTime at:
                    json.WriteString(_name, at);
                    break;
                case long number:
                    json.WriteNumber(_name, number);
                    break;
                case int number:
                    json.WriteNumber(_name, number);
                    break;
                case double number:
                    json.WriteNumber(_name, number);
                    break;
                case bool truth:
                    json.WriteBoolean(_name, truth);
                    break;
                case byte[] octets:
                    json.WriteString(_name, $"\\x{Convert.ToHexStringLower(octets)}");          // bytea's own input (PostgreSQL manual, §8.4.1)
                    break;
                default:
                    throw new NotSupportedException($"{property.DeclaringType.DisplayName()}.{property.Name}: {stored.GetType().Name} cannot be written as JSON yet.");
            }
        }
    }
}
