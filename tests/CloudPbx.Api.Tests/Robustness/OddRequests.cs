using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CloudPbx.Api.Tests.Robustness;

/// <summary>Requests that nobody in their right mind sends, made from the API's description: right in most places, odd in some. One seed, one sequence.</summary>
internal sealed class OddRequests(SchemaCheck schemas, Random random, Func<string, string?> known)
{
    private const int Deepest = 5;

    private static readonly string[] s_hostile =
    [
        "", " ", "'", "\"", "\\", "%", "_", "*", "..", ".", "../../etc/passwd", "%00", "1; DROP TABLE tenants--", "' OR '1'='1", "=HYPERLINK(\"x\")", "<script>alert(1)</script>", "${jndi:ldap://x/}", "\u202e\u0000", "\r\nSet-Cookie: a=b",
        "0", "-1", "00", "1e400", "NaN", "null", "true", "{}", "[]", "99999999999999999999", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2026-02-30", "ё", "中文", "👩‍👩‍👧‍👦", "e\u0301", "İ", "ß", "\uFEFF", "\uFFFF",
        "00000000-0000-0000-0000-000000000000", "ffffffffffffffffffffffffffffffff", "0193a000000070008000000000000000", "http://169.254.169.254/", "https://[::1]/", "xn--a", "a.b.c.", "+", "+4", "*43", "1,2", "a b", "A", "text/csv",
    ];

    private static readonly string[] s_plain = ["200", "201", "acme", "x", "Alice", "en", "zh-CN", "alice@example.com", "https://example.com/hook", "+4989123456", "192.0.2.0/24", "sip.example", "10", "2026-11-26T08:00:00Z", "call.ended", "small", "12345678", "answered"];

    /// <summary>Makes one request for an operation.</summary>
    public HttpRequestMessage Make(string path, string method, JsonElement operation)
    {
        StringBuilder address = new(), query = new();
        string resource = "";
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            address.Append('/').Append(part.StartsWith('{') ? Segment(PathValue(resource, part.Trim('{', '}'))) : part);
            resource = part;
        }
        if (operation.TryGetProperty("parameters", out JsonElement parameters))
            foreach (JsonElement parameter in parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query"))
                for (int times = random.Next(6) switch { 0 or 1 => 1, 2 => random.Next(3), _ => 0 }; times > 0; times--)
                    query.Append(query.Length == 0 ? '?' : '&').Append(parameter.GetProperty("name").GetString()).Append('=').Append(Escape(Text()));
        if (random.Next(20) == 0)
            query.Append(query.Length == 0 ? '?' : '&').Append("sort=").Append(Escape(Text())).Append("&orderBy=").Append(Escape(Text()));
        HttpRequestMessage request = new(new HttpMethod(method.ToUpperInvariant()), new Uri(address.Append(query).ToString(), UriKind.Relative));
        if (operation.TryGetProperty("requestBody", out JsonElement body))
            request.Content = Body(body.GetProperty("content"));
        if (random.Next(15) == 0)
            request.Headers.TryAddWithoutValidation("If-Match", Latin(Text()));
        if (random.Next(15) == 0)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", Latin(Text()));
        return request;
    }

    private string PathValue(string resource, string name) => random.Next(10) < 7 && (known($"{resource}.{name}") ?? known(name)) is { } value ? value : Text() is { Length: > 0 } text ? text : "x";

    private ByteArrayContent Body(JsonElement content)
    {
        if (random.Next(25) == 0)
            return Typed([.. Enumerable.Range(0, random.Next(200)).Select(_ => (byte)random.Next(256))], "application/json");
        if (random.Next(25) == 0)
            return Typed(Encoding.UTF8.GetBytes(Raw()), random.Next(2) == 0 ? "application/json" : "text/plain");
        if (content.TryGetProperty("audio/wav", out _))
            return Typed(Hosting.FakeDecoder.Wave([.. Enumerable.Range(0, random.Next(300)).Select(_ => (byte)random.Next(256))])[random.Next(2)..], "audio/wav");
        bool isCsv = content.TryGetProperty("text/csv", out _) && (random.Next(2) == 0 || !content.TryGetProperty("application/json", out _));
        if (isCsv)
            return Typed(Encoding.UTF8.GetBytes(Csv()), "text/csv");
        string json = Value(content.GetProperty("application/json").GetProperty("schema"), "", 0)?.ToJsonString(new JsonSerializerOptions { MaxDepth = 128 }) ?? "null";
        if (random.Next(30) == 0)                             // a lone surrogate: JSON's grammar allows it, Unicode does not
            json = json.Replace("\"Alice\"", "\"\\ud800\"", StringComparison.Ordinal).Replace("\"x\"", "\"\\udc00x\"", StringComparison.Ordinal);
        if (random.Next(30) == 0)
            json = json[..random.Next(json.Length + 1)];
        return Typed(Encoding.UTF8.GetBytes(json), "application/json");
    }

    private string Csv() => string.Join('\n', Enumerable.Range(0, random.Next(6)).Select(i => i == 0 && random.Next(5) > 0
        ? "number,displayName,ringSeconds,device"
        : string.Join(random.Next(8) == 0 ? ';' : ',', Enumerable.Range(0, random.Next(7)).Select(_ => random.Next(6) == 0 ? $"\"{Text()}\"" : Text()))));

    private string Raw() => random.Next(5) switch
    {
        0 => new string('[', 200),
        1 => """{"a":1,"a":2}""",
        2 => """{"\ud800":1}""",
        3 => "{\"name\":\"\\u0000\"}",
        _ => "nul",
    };

    private JsonNode? Value(JsonElement schema, string name, int depth)
    {
        schema = schemas.Resolve(schema);
        if (random.Next(18) == 0 || depth > Deepest)
            return Odd(depth);
        if (schema.TryGetProperty("oneOf", out JsonElement choices))
            return Value(choices[random.Next(choices.GetArrayLength())], name, depth);
        if (schema.TryGetProperty("enum", out JsonElement values))
            return JsonNode.Parse(values[random.Next(values.GetArrayLength())].GetRawText());
        string type = schema.TryGetProperty("type", out JsonElement types) ? types.ValueKind == JsonValueKind.Array ? types[random.Next(types.GetArrayLength())].GetString()! : types.GetString()! : "string";
        switch (type)
        {
            case "object":
                JsonObject made = [];
                if (schema.TryGetProperty("properties", out JsonElement properties))
                    foreach (JsonProperty property in properties.EnumerateObject())
                        if (random.Next(10) < 8 || IsRequired(schema, property.Name))
                            made[property.Name] = Value(property.Value, property.Name, depth + 1);
                if (random.Next(20) == 0)
                    made[Text().Replace("\uFFFF", "", StringComparison.Ordinal)] = Odd(depth);
                return made;
            case "array":
                JsonArray list = [];
                for (int i = random.Next(10) switch { 0 => 20, < 6 => 1, _ => 0 }; i > 0; i--)
                    list.Add(schema.TryGetProperty("items", out JsonElement items) ? Value(items, name, depth + 1) : Odd(depth));
                return list;
            case "integer" or "number":
                return random.Next(6) switch { 0 => JsonValue.Create(-1), 1 => JsonValue.Create(0), 2 => JsonValue.Create(int.MaxValue), 3 => JsonValue.Create(1.5), _ => JsonValue.Create(random.Next(1, 60)) };
            case "boolean":
                return JsonValue.Create(random.Next(2) == 0);
            case "null":
                return null;
            default:
                return JsonValue.Create(random.Next(10) < 6 ? Likely(name) : Text());
        }
    }

    private bool IsRequired(JsonElement schema, string name) => schema.TryGetProperty("required", out JsonElement required) && required.EnumerateArray().Any(one => one.GetString() == name) && random.Next(12) > 0;

    /// <summary>What a member of this name may well be.</summary>
    private string Likely(string name) => name switch
    {
        "number" or "extension" => random.Next(100, 999).ToString(CultureInfo.InvariantCulture),
        "name" => $"n{random.Next(1000)}",
        "language" => "en",
        "host" or "domain" => "sip.example",
        "url" => "https://example.com/h",
        "email" or "user" => $"u{random.Next(1000)}@example.com",
        "pin" or "moderatorPin" => random.Next(1000, 99999).ToString(CultureInfo.InvariantCulture),
        "secret" or "password" => "correct-horse",
        _ => known(name) ?? s_plain[random.Next(s_plain.Length)],
    };

    private JsonNode? Odd(int depth) => random.Next(9) switch
    {
        0 => null,
        1 => JsonValue.Create(Text()),
        2 => JsonValue.Create(random.NextInt64(long.MinValue, long.MaxValue)),
        3 => JsonNode.Parse("1e308"),
        4 => JsonNode.Parse("123456789012345678901234567890"),
        5 => new JsonArray(JsonValue.Create(Text()), null, new JsonObject()),
        6 => new JsonObject { ["x"] = depth > Deepest ? null : Odd(depth + 1) },
        7 => JsonValue.Create(false),
        _ => JsonValue.Create(new string((char)random.Next('0', 'z'), random.Next(3000))),
    };

    private string Text() => random.Next(8) switch
    {
        0 => new string((char)random.Next(0x20, 0x7F), random.Next(400)),
        1 or 2 => s_plain[random.Next(s_plain.Length)],
        _ => s_hostile[random.Next(s_hostile.Length)],
    };

    /// <summary>A part of a path. Dots alone and NUL never reach a handler: every client takes the former away, Kestrel refuses the latter.</summary>
    private static string Segment(string text) => Escape(text is "." or ".." ? "x" : text.Replace("\0", "\u0001", StringComparison.Ordinal));

    private static string Escape(string text) => Uri.EscapeDataString(text.Replace("\uFFFF", "\uFFFD", StringComparison.Ordinal));

    private static string Latin(string text) => new([.. text.Where(c => c is >= ' ' and < (char)127)]);

    private static ByteArrayContent Typed(byte[] octets, string type)
    {
        ByteArrayContent content = new(octets);
        content.Headers.ContentType = new(type);
        return content;
    }
}
