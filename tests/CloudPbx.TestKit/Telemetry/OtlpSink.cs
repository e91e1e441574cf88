using System.IO.Compression;
using CloudPbx.TestKit.Processes;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudPbx.TestKit.Telemetry;

/// <summary>A collector for tests: takes OTLP over HTTP in protobuf form and keeps the spans. Metrics and logs are only accepted.</summary>
public sealed class OtlpSink : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpSink(WebApplication app) => _app = app;

    /// <summary>The spans, in the order in which they came.</summary>
    public Journal<OtlpSpan> Spans { get; } = new();

    /// <summary>What makes a process send here, soon after each span.</summary>
    public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.Single(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
    };

    /// <summary>Listens on loopback, on a port of the system's choice.</summary>
    public static async Task<OtlpSink> StartAsync(CancellationToken cancel)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var sink = new OtlpSink(app);
        app.MapPost("/v1/{signal}", sink.TakeAsync);
        await app.StartAsync(cancel);
        return sink;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context, string signal)
    {
        using var body = new MemoryStream();
        Stream received = context.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        await received.CopyToAsync(body, context.RequestAborted);
        if (signal == "traces")
        {
            foreach (OtlpSpan span in Read(body.ToArray()))
                Spans.Add(span);
        }
        context.Response.ContentType = "application/x-protobuf";        // an empty message: all was taken
    }

    // opentelemetry/proto/trace/v1/trace.proto, the fields that tests look at.
    private static IEnumerable<OtlpSpan> Read(byte[] request)
    {
        foreach (ByteString resourceSpans in Fields(request, 1))
        {
            string service = Fields(resourceSpans, 1).SelectMany(resource => Fields(resource, 1)).Select(Attribute)
                .FirstOrDefault(attribute => attribute.Key == "service.name").Value ?? "";
            foreach (ByteString scopeSpans in Fields(resourceSpans, 2))
            {
                string scope = Fields(scopeSpans, 1).SelectMany(s => Fields(s, 1)).Select(name => name.ToStringUtf8()).FirstOrDefault() ?? "";
                foreach (ByteString span in Fields(scopeSpans, 2))
                    yield return new OtlpSpan(service, scope, Hex(span, 1), Hex(span, 2), Hex(span, 4), Fields(span, 5).First().ToStringUtf8());
            }
        }
    }

    private static (string Key, string Value) Attribute(ByteString attribute) =>
        (Fields(attribute, 1).First().ToStringUtf8(), Fields(attribute, 2).SelectMany(value => Fields(value, 1)).Select(text => text.ToStringUtf8()).FirstOrDefault() ?? "");

    private static string Hex(ByteString message, int field) => Fields(message, field).Select(id => Convert.ToHexStringLower(id.Span)).FirstOrDefault() ?? "";

    private static List<ByteString> Fields(ByteString message, int field) => Fields(message.ToByteArray(), field);

    /// <summary>The length-delimited fields of that number.</summary>
    private static List<ByteString> Fields(byte[] message, int field)
    {
        List<ByteString> found = [];
        var input = new CodedInputStream(message);
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                found.Add(input.ReadBytes());
            else
                input.SkipLastField();
        }
        return found;
    }
}
