using System.Net.Http;
using System.Text.Json;
using CloudPbx.Hosting.Web.Outbound;
using Microsoft.Extensions.Options;

namespace CloudPbx.Hosting.Web.Providers;

/// <summary>The way to tenants' own OpenID Connect providers, whose addresses strangers name: over https to public addresses only, no redirects, no long answers, no long waits.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
public sealed class ProviderConnection : IDisposable
{
    private const string DocumentPath = "/.well-known/openid-configuration";
    private const int LongestAnswer = 256 << 10;

    private readonly GuardedTargets _targets;

    /// <summary>Prepares the client; connects when it is used.</summary>
    /// <param name="names">Finds the addresses of providers.</param>
    /// <param name="options">Where they may be.</param>
    public ProviderConnection(ITargetNames names, IOptions<ProviderOptions> options)
        : this(names, options, null)
    {
    }

    /// <summary>The same, with the providers of a test behind a handler.</summary>
    /// <param name="names">Finds the addresses of providers.</param>
    /// <param name="options">Where they may be.</param>
    /// <param name="handler">Answers in their place; <see langword="null"/>: the network does.</param>
    public ProviderConnection(ITargetNames names, IOptions<ProviderOptions> options, HttpMessageHandler? handler)
    {
        ArgumentNullException.ThrowIfNull(options);
        _targets = new GuardedTargets(new TargetPolicy(options.Value.AllowedNetworks), names);
        Http = new HttpClient(handler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = _targets.ConnectAsync,
            MaxResponseHeadersLength = 16,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = TimeSpan.FromSeconds(options.Value.TimeoutSeconds),
            MaxResponseContentBufferSize = LongestAnswer,
        };
    }

    /// <summary>The client, for what the document names.</summary>
    public HttpClient Http { get; }

    /// <summary>Whether a text can be an issuer: an https address without query and fragment (OpenID Connect Core §2).</summary>
    /// <param name="text">The text.</param>
    public static bool IsIssuer(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps && url.Host.Length > 0
        && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0 && !text.Contains('#', StringComparison.Ordinal) && !text.Contains('?', StringComparison.Ordinal);

    /// <summary>Reads a provider's discovery document (OpenID Connect Discovery §4).</summary>
    /// <param name="issuer">Whose; <see cref="IsIssuer"/>.</param>
    /// <param name="cancel">Stops the wait.</param>
    public async Task<(ProviderMetadata? Metadata, ProviderFault Fault)> DiscoverAsync(string issuer, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        Uri address = new(issuer.TrimEnd('/') + DocumentPath);
        if (await _targets.LeadsInsideAsync(address, cancel).ConfigureAwait(false))
            return (null, ProviderFault.Inside);
        try
        {
            using HttpResponseMessage answer = await Http.GetAsync(address, cancel).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                return (null, ProviderFault.NoDocument);
            using JsonDocument document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false));
            return Read(document.RootElement, issuer);
        }
        catch (JsonException)
        {
            return (null, ProviderFault.NoDocument);
        }
        catch (Exception fault) when (IsAway(fault, cancel))
        {
            return (null, fault.GetBaseException() is TargetRefusedException ? ProviderFault.Inside : ProviderFault.Unreachable);
        }
    }

    /// <summary>Whether a fault means that the provider did not answer as it should.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="cancel">What the request was stopped by, if it was.</param>
    public static bool IsAway(Exception fault, CancellationToken cancel) =>
        fault is HttpRequestException or IOException || (fault is OperationCanceledException && !cancel.IsCancellationRequested);

    /// <inheritdoc/>
    public void Dispose() => Http.Dispose();

    private static (ProviderMetadata? Metadata, ProviderFault Fault) Read(JsonElement document, string issuer)
    {
        if (document.ValueKind != JsonValueKind.Object)
            return (null, ProviderFault.NoDocument);
        if (Text(document, "issuer") != issuer)
            return (null, ProviderFault.OtherIssuer);               // to the letter: a slash more is another one
        if (Endpoint(document, "authorization_endpoint") is not { } authorization || Endpoint(document, "token_endpoint") is not { } token || Endpoint(document, "jwks_uri") is not { } keys)
            return (null, ProviderFault.Incomplete);
        bool basic = !document.TryGetProperty("token_endpoint_auth_methods_supported", out JsonElement methods) || methods.ValueKind != JsonValueKind.Array
            || methods.EnumerateArray().Any(method => method.ValueKind == JsonValueKind.String && method.ValueEquals("client_secret_basic"));
        return (new ProviderMetadata(issuer, authorization, token, keys, basic), ProviderFault.None);
    }

    private static Uri? Endpoint(JsonElement document, string name) =>
        Uri.TryCreate(Text(document, name), UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0 ? url : null;

    private static string? Text(JsonElement document, string name) => document.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
