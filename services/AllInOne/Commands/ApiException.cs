using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CloudPbx.AllInOne.Commands;

/// <summary>The API refused a request; the message is its problem document (RFC 9457) as text for a terminal.</summary>
internal sealed class ApiException(string message) : Exception(message)
{
    /// <summary>Reads the problem: title, detail, and each error with its place.</summary>
    public static async Task<ApiException> FromAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        string body = await response.Content.ReadAsStringAsync(cancel);
        var text = new StringBuilder();
        try
        {
            using JsonDocument problem = JsonDocument.Parse(body);
            text.Append(Text(problem.RootElement, "title") ?? response.ReasonPhrase);
            if (Text(problem.RootElement, "detail") is { } detail) text.Append(' ').Append(detail);
            if (problem.RootElement.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty place in errors.EnumerateObject())
                    foreach (JsonElement error in place.Value.EnumerateArray())
                        text.Append("\n  ").Append(place.Name).Append(": ").Append(error.GetString());
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            text.Clear().Append(CultureInfo.InvariantCulture, $"The API answered {(int)response.StatusCode} {response.ReasonPhrase}.");
        }
        return new ApiException(text.ToString());
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
