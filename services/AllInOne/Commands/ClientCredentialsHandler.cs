using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace CloudPbx.AllInOne.Commands;

/// <summary>Signs requests with a token that it gets by a program's key (OAuth 2.0 client credentials, RFC 6749 §4.4). A command is over long before its token is.</summary>
internal sealed class ClientCredentialsHandler(RemoteInstallation remote) : DelegatingHandler(remote.Connect())
{
    private AuthenticationHeaderValue? _token;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = _token ??= await SignInAsync(cancellationToken);
        return await base.SendAsync(request, cancellationToken);
    }

    private async Task<AuthenticationHeaderValue> SignInAsync(CancellationToken cancel)
    {
        string said = "";
        foreach (string scope in (string[])["api", "api.read"])                 // a key that may only read gets no more
        {
            using HttpRequestMessage request = new(HttpMethod.Post, new Uri(remote.Server, "/connect/token"))
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = remote.ClientId, ["client_secret"] = remote.ClientSecret, ["scope"] = scope }),
            };
            using HttpResponseMessage response = await AskAsync(request, cancel);
            JsonElement answer = await ReadAsync(response, cancel);
            if (response.IsSuccessStatusCode && answer.TryGetProperty("access_token", out JsonElement token))
                return new AuthenticationHeaderValue("Bearer", token.GetString());
            string error = answer.TryGetProperty("error", out JsonElement name) ? name.ToString() : "";
            if (error == "invalid_client")                                      // RFC 6749 §5.2
                throw new StartException($"{remote.Server} does not know the key {remote.ClientId}, or its secret is another.");
            said = $"{(int)response.StatusCode} {error}".TrimEnd();
            if (response.StatusCode != HttpStatusCode.BadRequest)               // which it is where the key has not that scope
                break;
        }
        throw new StartException($"{remote.Server} does not sign the key {remote.ClientId} in: it answered {said}.");
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<JsonElement>(cancel) is { ValueKind: JsonValueKind.Object } answer ? answer : JsonElement.Parse("{}");
        }
        catch (JsonException)
        {
            return JsonElement.Parse("{}");                     // not such an installation's; its status is told
        }
    }

    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            return await base.SendAsync(request, cancel);
        }
        catch (HttpRequestException fault)
        {
            throw new StartException($"{remote.Server} cannot be reached: {fault.InnerException?.Message ?? fault.Message}");
        }
    }
}
