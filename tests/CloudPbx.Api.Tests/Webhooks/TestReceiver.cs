using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudPbx.Api.Tests.Webhooks;

/// <summary>A receiver of webhooks on a real socket.</summary>
internal sealed class TestReceiver : IAsyncDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    private readonly Channel<ReceivedHook> _received = Channel.CreateUnbounded<ReceivedHook>();
    private readonly WebApplication _app;

    private TestReceiver(WebApplication app) => _app = app;

    /// <summary>What it answers, from the next request on.</summary>
    public HttpStatusCode Answer { get; set; } = HttpStatusCode.NoContent;

    /// <summary>Where a redirect leads.</summary>
    public string? Location { get; set; }

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/hook";

    public static async Task<TestReceiver> StartAsync(CancellationToken cancel)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        TestReceiver receiver = new(app);
        app.MapPost("/{**path}", receiver.ReceiveAsync);
        await app.StartAsync(cancel);
        return receiver;
    }

    /// <summary>The next request, in the order of their coming.</summary>
    public async Task<ReceivedHook> NextAsync(CancellationToken cancel) => await _received.Reader.ReadAsync(cancel).AsTask().WaitAsync(s_deadline, cancel);

    /// <summary>The next request with an event of a type.</summary>
    public async Task<ReceivedHook> NextAsync(string type, CancellationToken cancel)
    {
        while (await NextAsync(cancel) is { } next)
            if (next.Json.GetProperty("type").GetString() == type)
                return next;
        throw new InvalidOperationException();
    }

    /// <summary>Whether something came that nobody has taken.</summary>
    public bool HasMore => _received.Reader.TryPeek(out _);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> ReceiveAsync(HttpRequest request)
    {
        using StreamReader reader = new(request.Body);
        string body = await reader.ReadToEndAsync();
        await _received.Writer.WriteAsync(new ReceivedHook(request.Headers.ToDictionary(field => field.Key.ToLowerInvariant(), field => field.Value.ToString()), body));
        if (Location is not null)
            request.HttpContext.Response.Headers.Location = Location;
        return Results.StatusCode((int)Answer);
    }
}
