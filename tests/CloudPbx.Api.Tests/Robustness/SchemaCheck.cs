using System.Text.Json;
using System.Text.RegularExpressions;

namespace CloudPbx.Api.Tests.Robustness;

/// <summary>Whether a JSON value is what a schema of the API's description says: the part of JSON Schema that the description uses.</summary>
internal sealed class SchemaCheck(JsonElement document)
{
    private const string ReferencePrefix = "#/components/schemas/";

    private readonly JsonElement _schemas = document.GetProperty("components").GetProperty("schemas");

    /// <summary>Follows a reference.</summary>
    public JsonElement Resolve(JsonElement schema)
    {
        while (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out JsonElement reference))
            schema = _schemas.GetProperty(reference.GetString()![ReferencePrefix.Length..]);
        return schema;
    }

    /// <summary>Says what is wrong, with its place, or null.</summary>
    public string? Find(JsonElement value, JsonElement schema, string place = "$")
    {
        schema = Resolve(schema);
        if (schema.ValueKind != JsonValueKind.Object)
            return null;
        if (schema.TryGetProperty("oneOf", out JsonElement choices))
        {
            string?[] faults = [.. choices.EnumerateArray().Select(choice => Find(value, choice, place))];
            return Array.Exists(faults, fault => fault is null) ? null : faults[^1];
        }
        if (schema.TryGetProperty("enum", out JsonElement values) && !values.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
            return $"{place}: {value.GetRawText()} is none of {values.GetRawText()}";
        if (schema.TryGetProperty("type", out JsonElement type) && !IsOfType(value, type))
            return $"{place}: {Short(value)} is not of type {type.GetRawText()}";
        if (value.ValueKind == JsonValueKind.String && schema.TryGetProperty("pattern", out JsonElement pattern) && !Regex.IsMatch(value.GetString()!, pattern.GetString()!))
            return $"{place}: {Short(value)} does not fit {pattern.GetString()}";
        return value.ValueKind switch
        {
            JsonValueKind.Object => FindInObject(value, schema, place),
            JsonValueKind.Array when schema.TryGetProperty("items", out JsonElement items) => value.EnumerateArray().Select((item, i) => Find(item, items, $"{place}[{i}]")).FirstOrDefault(fault => fault is not null),
            _ => null,
        };
    }

    private string? FindInObject(JsonElement value, JsonElement schema, string place)
    {
        if (schema.TryGetProperty("required", out JsonElement required))
            foreach (JsonElement name in required.EnumerateArray())
                if (!value.TryGetProperty(name.GetString()!, out _))
                    return $"{place}: {name.GetString()} is missing";
        bool isClosed = schema.TryGetProperty("properties", out JsonElement properties);
        foreach (JsonProperty member in value.EnumerateObject())
        {
            string at = $"{place}.{member.Name}";
            if (isClosed && properties.TryGetProperty(member.Name, out JsonElement known))
            {
                if (Find(member.Value, known, at) is { } fault)
                    return fault;
            }
            else if (schema.TryGetProperty("additionalProperties", out JsonElement others))
            {
                if (Find(member.Value, others, at) is { } fault)
                    return fault;
            }
            else if (isClosed)
            {
                return $"{at} is not described";
            }
        }
        return null;
    }

    private static bool IsOfType(JsonElement value, JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Any(one => IsOfType(value, one)) : type.GetString() switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        _ => false,
    };

    private static string Short(JsonElement value) => value.GetRawText() is { Length: > 80 } text ? text[..80] : value.GetRawText();
}
