using System.Net;
using System.Text;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>An API that has nothing and refuses everything.</summary>
internal static class FakeAnswers
{
    /// <summary>Empty lists for whoever reads; for whoever writes, a sentence about what is wrong.</summary>
    /// <param name="request">The method and path.</param>
    public static HttpResponseMessage Of(string request) => request.Contains("/live?", StringComparison.Ordinal) ? Live() : request.StartsWith("GET ", StringComparison.Ordinal)
        ? Answer(HttpStatusCode.OK, "application/json", """{ "items": [], "hours": [], "sound": {} }""")
        : Answer(HttpStatusCode.BadRequest, "application/problem+json", """{ "type": "urn:cloudpbx:problem:validation", "status": 400, "errors": { "$": ["Must be 2 to 8 digits, for example \"100\"."] } }""");

    // A stream that tells that there is nothing, and stays open.
    private static HttpResponseMessage Live()
    {
        LiveStream stream = new();
        stream.Send("snapshot", """{ "extensions": [], "calls": [] }""");
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(stream.Reader) };
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, string type, string text) => new(status) { Content = new StringContent(text, Encoding.UTF8, type) };
}
