using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace CloudPbx.TestKit;

/// <summary>The REST API of a running product, as its commands reach it: over the Unix socket, with the operator token.</summary>
public sealed class PbxApi : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="socketPath">The API's Unix socket.</param>
    /// <param name="token">The operator token.</param>
    public PbxApi(string socketPath, string token)
    {
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = new Uri("http://localhost/v1/") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>GET of a page outside <c>/v1/</c>: health, metrics.</summary>
    /// <param name="path">From the root: <c>/metrics</c>.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The status and the text.</returns>
    public async Task<(int Status, string Text)> PageAsync(string path, CancellationToken cancel)
    {
        using HttpResponseMessage response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancel);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancel));
    }

    /// <summary>GET of a resource.</summary>
    /// <param name="path">Relative to <c>/v1/</c>.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancel)
    {
        using HttpResponseMessage response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancel);
        return await ReadAsync(response, cancel);
    }

    /// <summary>PUT of a document.</summary>
    /// <param name="path">Relative to <c>/v1/</c>.</param>
    /// <param name="json">The body.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<JsonElement> PutAsync(string path, string json, CancellationToken cancel)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _http.PutAsync(new Uri(path, UriKind.Relative), content, cancel);
        return await ReadAsync(response, cancel);
    }

    /// <summary>PUT of a file.</summary>
    /// <param name="path">Relative to <c>/v1/</c>.</param>
    /// <param name="octets">The file.</param>
    /// <param name="type">What it is: <c>audio/wav</c>.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<JsonElement> PutFileAsync(string path, byte[] octets, string type, CancellationToken cancel)
    {
        using var content = new ByteArrayContent(octets);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using HttpResponseMessage response = await _http.PutAsync(new Uri(path, UriKind.Relative), content, cancel);
        return await ReadAsync(response, cancel);
    }

    /// <summary>POST of a new resource.</summary>
    /// <param name="path">Relative to <c>/v1/</c>.</param>
    /// <param name="json">The body.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<JsonElement> PostAsync(string path, string json, CancellationToken cancel)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _http.PostAsync(new Uri(path, UriKind.Relative), content, cancel);
        return await ReadAsync(response, cancel);
    }

    /// <summary>POST of an order, which answers nothing but that it was taken.</summary>
    /// <param name="path">Relative to <c>/v1/</c>.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task OrderAsync(string path, CancellationToken cancel)
    {
        using HttpResponseMessage response = await _http.PostAsync(new Uri(path, UriKind.Relative), null, cancel);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>GET of a file.</summary>
    /// <param name="path">Relative to <c>/v1/</c>.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>Its octets; null where there is none.</returns>
    public async Task<byte[]?> TryGetOctetsAsync(string path, CancellationToken cancel)
    {
        using HttpResponseMessage response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancel);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsByteArrayAsync(cancel) : null;
    }

    /// <summary>DELETE of a resource.</summary>
    /// <param name="path">Relative to <c>/v1/</c>.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task DeleteAsync(string path, CancellationToken cancel)
    {
        using HttpResponseMessage response = await _http.DeleteAsync(new Uri(path, UriKind.Relative), cancel);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>GET of a stream of server-sent events.</summary>
    /// <param name="path">Relative to <c>/v1/</c>.</param>
    /// <param name="cancel">Ends it.</param>
    public async IAsyncEnumerable<(string Type, JsonElement Data)> EventsAsync(string path, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using Stream stream = await _http.GetStreamAsync(new Uri(path, UriKind.Relative), cancel);
        await foreach (SseItem<string> item in SseParser.Create(stream).EnumerateAsync(cancel))
            yield return (item.EventType, JsonSerializer.Deserialize<JsonElement>(item.Data));
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        string text = await response.Content.ReadAsStringAsync(cancel);
        return response.IsSuccessStatusCode ? (text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text)) : throw new HttpRequestException($"{(int)response.StatusCode}: {text}");
    }
}
