using System.Reflection;
using System.Security.Cryptography;
using CloudPbx.MediaControl;
using Microsoft.AspNetCore.Http.Features;

namespace CloudPbx.Api.Bodies;

/// <summary>A request's body that is a file of sound. Nothing here looks into it: a media node does (SECURITY.md S26).</summary>
internal sealed class WaveBody : IRequestBody
{
    private WaveBody(byte[]? octets) => (Octets, Hash) = (octets, octets is null ? null : SHA256.HashData(octets));

    /// <summary>The file; <see langword="null"/> where it is longer than a media node takes.</summary>
    public byte[]? Octets { get; }

    /// <inheritdoc/>
    public byte[]? Hash { get; }

    public static async ValueTask<WaveBody?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = DecodeLimits.MostOctets + 1;
        try
        {
            return new WaveBody(context.Request.ContentLength > DecodeLimits.MostOctets ? null : await JsonBody.ReadAsync(context.Request.Body, DecodeLimits.MostOctets, context.RequestAborted));
        }
        catch (BadHttpRequestException)
        {
            return new WaveBody(null);                                  // longer than it said, or broken off
        }
    }
}
