using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudPbx.Blobs.Tests;

/// <summary>As much of an S3 store as we use: PUT, GET with a range, HEAD, DELETE, a listing in pages. It wants a signature (version 4) but does not check it.</summary>
internal sealed class S3Stub : IAsyncDisposable
{
    private readonly WebApplication _app;

    private S3Stub(WebApplication app) => _app = app;

    public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    public bool IsAway { get; set; }

    public int Gets { get; private set; }

    /// <summary>Requests whose method this is get no answer; of a GET's the head and a part of its object come.</summary>
    public string? Hangs { get; set; }

    /// <summary>Each request that has come whole, from its coming until it is told how to answer; null: all are answered at once.</summary>
    public Channel<TaskCompletionSource<int>>? Asked { get; set; }

    private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Somebody was turned away since the store is away.</summary>
    public Task Refused => _refused.Task;

    public string Endpoint => _app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<S3Stub> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var stub = new S3Stub(app);
        app.Run(stub.AnswerAsync);
        await app.StartAsync();
        return stub;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        string key = http.Request.Path.Value!["/bucket/".Length..];
        if (IsAway || !http.Request.Headers.Authorization.ToString().StartsWith("AWS4-HMAC-SHA256 Credential=key/", StringComparison.Ordinal))
        {
            http.Response.StatusCode = IsAway ? 503 : 403;
            _refused.TrySetResult();
            return;
        }
        if (http.Request.Method == Hangs && Hangs != "GET")
            await HangAsync(http);
        using MemoryStream body = new();
        await http.Request.Body.CopyToAsync(body);
        if (Asked is { } asked)
        {
            TaskCompletionSource<int> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
            asked.Writer.TryWrite(answer);
            http.Response.StatusCode = await answer.Task.WaitAsync(http.RequestAborted);
            if (http.Response.StatusCode >= 400)
                return;
        }
        switch (http.Request.Method)
        {
            case "PUT":
                Objects[key] = body.ToArray();
                return;
            case "DELETE":
                Objects.TryRemove(key, out _);
                http.Response.StatusCode = 204;
                return;
            case "GET" when key.Length == 0:
                await ListAsync(http);
                return;
            case "HEAD" when Objects.TryGetValue(key, out byte[]? there):
                http.Response.ContentLength = there.Length;
                return;
            case "GET" when Objects.TryGetValue(key, out byte[]? content):
                Gets++;
                int from = http.Request.Headers.Range.ToString() is { Length: > 0 } range ? int.Parse(range["bytes=".Length..].Split('-')[0], CultureInfo.InvariantCulture) : 0;
                http.Response.StatusCode = (int)HttpStatusCode.PartialContent;
                http.Response.ContentLength = content.Length - from;
                http.Response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
                if (Hangs == "GET")
                {
                    await http.Response.Body.WriteAsync(content.AsMemory(from, (content.Length - from) / 2));
                    await http.Response.Body.FlushAsync();
                    await HangAsync(http);
                }
                await http.Response.Body.WriteAsync(content.AsMemory(from));
                return;
            default:
                http.Response.StatusCode = 404;
                return;
        }
    }

    // Until the asker has gone.
    private static Task HangAsync(HttpContext http) => Task.Delay(Timeout.Infinite, http.RequestAborted);

    private async Task ListAsync(HttpContext http)
    {
        string prefix = http.Request.Query["prefix"].ToString(), after = http.Request.Query["continuation-token"].ToString();
        string[] keys = [.. Objects.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(k, after) > 0).Order(StringComparer.Ordinal)];
        string[] page = [.. keys.Take(2)];
        string more = keys.Length > page.Length ? $"<IsTruncated>true</IsTruncated><NextContinuationToken>{page[^1]}</NextContinuationToken>" : "<IsTruncated>false</IsTruncated>";
        http.Response.ContentType = "application/xml";
        await http.Response.WriteAsync($"<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name>{more}{string.Concat(page.Select(k => $"<Contents><Key>{k}</Key><Size>1</Size></Contents>"))}</ListBucketResult>");
    }
}
