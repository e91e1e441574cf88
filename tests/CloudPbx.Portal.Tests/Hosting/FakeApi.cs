using System.Net;
using System.Text;
using System.Text.Json;
using CloudPbx.Portal.ApiClient;

namespace CloudPbx.Portal.Tests.Hosting;

/// <summary>An API that answers what a test says, and remembers what it was asked.</summary>
internal sealed class FakeApi : HttpMessageHandler, IAccessTokenSource
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);
    private readonly Dictionary<string, Func<string?, HttpResponseMessage>> _answers = new(StringComparer.Ordinal);

    public List<(string Request, string? Body, string? Token)> Asked { get; } = [];

    public string? Token { get; set; } = "token";

    /// <summary>Whose address the requests named.</summary>
    public List<string?> Visitors { get; } = [];

    /// <summary>Whose address they are to name.</summary>
    public IPAddress? Visitor { get; set; }

    /// <summary>What is answered where nothing is said of a request.</summary>
    public Func<string, HttpResponseMessage>? Otherwise { get; set; }

    public PbxApi Client() => new(new HttpClient(this, disposeHandler: false) { BaseAddress = new Uri("http://api/v1/") }, this);

    public void On(string request, object answer, HttpStatusCode status = HttpStatusCode.OK) => _answers[request] = _ => Json(JsonSerializer.Serialize(answer, s_json), status);

    public void OnProblem(string request, int status, string kind, object? errors = null, string? detail = null) =>
        _answers[request] = _ => Json(JsonSerializer.Serialize(new { type = "urn:cloudpbx:problem:" + kind, status, detail, errors }, s_json), (HttpStatusCode)status, "application/problem+json");

    public void OnRaw(string request, Func<HttpResponseMessage> answer) => _answers[request] = _ => answer();

    public ValueTask<string?> GetAsync(CancellationToken cancel) => ValueTask.FromResult(Token);

    public ValueTask<IPAddress?> VisitorAsync() => ValueTask.FromResult(Visitor);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string? body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        string asked = $"{request.Method} {request.RequestUri!.PathAndQuery}";
        lock (Asked)
        {
            Asked.Add((asked, body, request.Headers.Authorization?.Parameter));
            Visitors.Add(request.Headers.TryGetValues("X-Forwarded-For", out IEnumerable<string>? visitors) ? visitors.Single() : null);
        }
        return _answers.TryGetValue(asked, out var answer) || _answers.TryGetValue(asked.Split('?')[0], out answer)
            ? answer(body) : Otherwise?.Invoke(asked) ?? Json("""{ "type": "urn:cloudpbx:problem:not-found", "detail": "nothing" }""", HttpStatusCode.NotFound);
    }

    private static HttpResponseMessage Json(string text, HttpStatusCode status, string type = "application/json") => new(status) { Content = new StringContent(text, Encoding.UTF8, type) };
}
