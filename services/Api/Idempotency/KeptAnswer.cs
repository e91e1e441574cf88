using System.Text.Json;
using CloudPbx.Data.Keys;

namespace CloudPbx.Api.Idempotency;

/// <summary>An answer as it is kept: one octet of state, the request's hash, then the sealed answer, which may hold a password that was just made.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">The body's type.</param>
/// <param name="ETag">Entity tag.</param>
/// <param name="Location">Where what was created is.</param>
/// <param name="Body">The body.</param>
internal sealed record KeptAnswer(int Status, string? ContentType, string? ETag, string? Location, byte[] Body) : IResult
{
    private const int HashLength = 32;

    internal enum State : byte
    {
        /// <summary>No answer yet.</summary>
        UnderWay = (byte)'U',

        /// <summary>Answered.</summary>
        Done = (byte)'D',

        /// <summary>The key was another request's.</summary>
        Other = (byte)'O',
    }

    /// <summary>What is stored while a request is under way.</summary>
    public static byte[] UnderWay(byte[] request) => [(byte)State.UnderWay, .. request];

    public static byte[] Write(HttpResponse response, byte[] body, byte[] request, PlatformSeal seal, string name)
    {
        KeptAnswer answer = new(response.StatusCode, response.ContentType, Text(response.Headers.ETag), Text(response.Headers.Location), body);
        return [(byte)State.Done, .. request, .. seal.Seal(Place(name), JsonSerializer.SerializeToUtf8Bytes(answer))];

        static string? Text(Microsoft.Extensions.Primitives.StringValues value) => value.Count > 0 ? value.ToString() : null;
    }

    public static (State State, KeptAnswer? Answer) Read(byte[] kept, byte[] request, PlatformSeal seal, string name)
    {
        if (kept.Length < 1 + HashLength || !kept.AsSpan(1, HashLength).SequenceEqual(request))
            return (State.Other, null);
        if (kept[0] != (byte)State.Done)
            return (State.UnderWay, null);
        return seal.Open(Place(name), kept.AsSpan(1 + HashLength)) is { } clear && JsonSerializer.Deserialize<KeptAnswer>(clear) is { } answer ? (State.Done, answer) : (State.Other, null);
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.StatusCode = Status;
        response.Headers["Idempotency-Replayed"] = "true";
        response.Headers.CacheControl = "no-store";
        if (ContentType is not null)
            response.ContentType = ContentType;
        if (ETag is not null)
            response.Headers.ETag = ETag;
        if (Location is not null)
            response.Headers.Location = Location;
        await response.Body.WriteAsync(Body, httpContext.RequestAborted);
    }

    private static string Place(string name) => $"idempotency/{name}";
}
