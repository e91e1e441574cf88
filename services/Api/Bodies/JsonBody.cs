using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Bodies;

/// <summary>A request's body, read but not yet understood. Binding it never fails: what is wrong is found with everything else, by <see cref="ObjectReader"/>.</summary>
internal sealed class JsonBody : IRequestBody
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private readonly JsonElement _root;
    private readonly string? _fault;

    private JsonBody(JsonElement root, string? fault, byte[]? hash = null) => (_root, _fault, Hash) = (root, fault, hash);

    /// <inheritdoc/>
    public byte[]? Hash { get; }

    public static async ValueTask<JsonBody?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        int most = context.RequestServices.GetRequiredService<IOptions<ApiOptions>>().Value.MaximumBodyBytes;
        byte[]? body = await ReadAsync(context.Request.Body, most, context.RequestAborted);
        if (body is null)
            return new JsonBody(default, $"The body is longer than {most} octets. Split it, or raise Api:MaximumBodyBytes.");
        if (body.Length == 0)
            return new JsonBody(default, "The body is empty: send a JSON object.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, s_options);
            if (MayBeBroken(body))
                ReadAll(document.RootElement);
            return new JsonBody(document.RootElement.Clone(), null, SHA256.HashData(body));
        }
        catch (InvalidOperationException)
        {
            return new JsonBody(default, "The body has half a character: an escape from \\ud800 to \\udfff needs its other half (RFC 8259 section 8.2).");
        }
        catch (JsonException fault)
        {
            string place = fault.LineNumber is { } line ? $" at line {line + 1}, column {fault.BytePositionInLine + 1}" : "";
            return new JsonBody(default, $"The body is not JSON{place}: {FirstSentence(fault.Message)}");
        }
    }

    /// <summary>A body that we wrote ourselves, to be understood as if somebody had sent it.</summary>
    public static JsonBody Of(JsonElement root) => new(root, null);

    /// <summary>Begins the reading of the body's object.</summary>
    public ObjectReader Read(RequestErrors errors)
    {
        if (_fault is not null)
        {
            errors.Add("$", _fault);
            return ObjectReader.Nothing(errors);
        }
        return ObjectReader.Of(_root, "$", errors);
    }

    /// <summary>Reads a body; null where it is longer than that.</summary>
    internal static async Task<byte[]?> ReadAsync(Stream stream, int most, CancellationToken cancel)
    {
        using MemoryStream body = new();
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancel)) > 0)
        {
            if (body.Length + read > most)
                return null;
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }

    /// <summary>Whether the body has escaped surrogates. JSON's grammar allows half of a pair (RFC 8259 §8.2), and every reading of such a text throws.</summary>
    private static bool MayBeBroken(ReadOnlySpan<byte> body) => body.IndexOf("\\ud"u8) >= 0 || body.IndexOf("\\uD"u8) >= 0;

    private static void ReadAll(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                    ReadAll(item);
                break;
            case JsonValueKind.Object:
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    _ = member.Name;
                    ReadAll(member.Value);
                }
                break;
        }
    }

    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
