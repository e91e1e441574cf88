using System.Net;
using System.Net.Sockets;
using System.Text;
using CloudPbx.Api.Events;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Webhooks;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Webhooks;

/// <summary>Makes one attempt: signs, sends, judges the answer. Follows no redirect, reads no more of an answer than its head, waits no longer than the limit.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
internal sealed class WebhookSender : IDisposable
{
    private const int KibibytesOfHead = 16;
    private const int LongestDrain = 16 * 1024;

    private readonly PlatformSeal _seal;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly HttpClient _client;

    public WebhookSender(WebhookTargets targets, PlatformSeal seal, IOptions<WebhookOptions> options, TimeProvider time)
    {
        (_seal, _time, _timeout) = (seal, time, TimeSpan.FromSeconds(options.Value.TimeoutSeconds));
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = targets.ConnectAsync,
            MaxResponseHeadersLength = KibibytesOfHead,
            MaxResponseDrainSize = LongestDrain,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Sends a delivery once.</summary>
    public async Task<WebhookAttempt> SendAsync(GlobalWebhook webhook, GlobalWebhookDelivery delivery, CancellationToken cancel)
    {
        long began = _time.GetTimestamp();
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_timeout);
        try
        {
            using HttpRequestMessage request = Build(webhook, delivery);
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return new WebhookAttempt((int)response.StatusCode, Elapsed(began), FaultOf(response.StatusCode), RetryAfter(response));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new WebhookAttempt(null, Elapsed(began), $"No answer within {_timeout.TotalSeconds:0} seconds.", null);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or SocketException or InvalidOperationException)
        {
            return new WebhookAttempt(null, Elapsed(began), Words(fault), null);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Build(GlobalWebhook webhook, GlobalWebhookDelivery delivery)
    {
        DateTimeOffset now = _time.GetUtcNow();
        string id = EventIds.Write(delivery.EventId);
        HttpRequestMessage request = new(HttpMethod.Post, webhook.Url) { Content = new StringContent(delivery.Payload, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("User-Agent", "CloudPbx-Webhooks/1");
        request.Headers.TryAddWithoutValidation(StandardWebhook.IdField, id);
        request.Headers.TryAddWithoutValidation(StandardWebhook.TimestampField, StandardWebhook.Timestamp(now));
        request.Headers.TryAddWithoutValidation(StandardWebhook.SignatureField, StandardWebhook.Sign(id, now, delivery.Payload, Keys(webhook, now.UtcDateTime)));
        return request;
    }

    private List<byte[]> Keys(GlobalWebhook webhook, DateTime now)
    {
        List<byte[]> keys = [];
        if (WebhookSecret.Open(_seal, webhook.Id, webhook.SealedSecret) is { } present)
            keys.Add(present);
        if (webhook is { SealedPreviousSecret: { } sealedBefore, PreviousSecretUntil: { } until } && until > now && WebhookSecret.Open(_seal, webhook.Id, sealedBefore) is { } before)
            keys.Add(before);
        return keys.Count > 0 ? keys : throw new InvalidOperationException("Its secret was sealed by another platform key: make a new secret.");
    }

    private int Elapsed(long began) => (int)_time.GetElapsedTime(began).TotalMilliseconds;

    private static string? FaultOf(HttpStatusCode status) => (int)status switch
    {
        >= 200 and < 300 => null,
        >= 300 and < 400 => $"The receiver answered {(int)status}: redirects are not followed.",
        _ => $"The receiver answered {(int)status}.",
    };

    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - _time.GetUtcNow() : null;

    private static string Words(Exception fault)
    {
        string words = StrangersText.WithoutControls(fault.GetBaseException().Message) ?? "";
        return words.Length > 300 ? words[..300] : words;
    }
}
