using Google.Protobuf;
using Grpc.Core;
using CloudPbx.MediaControl.Wire;

namespace CloudPbx.MediaControl;

/// <summary><see cref="ISoundDecoder"/> by the first media node that answers.</summary>
/// <param name="nodes">The nodes' addresses, the best first; null or none: there is none now.</param>
public sealed class SoundDecoder(Func<CancellationToken, Task<IReadOnlyList<Uri>?>> nodes) : ISoundDecoder
{
    private const int Piece = 64 * 1024;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public async Task<DecodedSound> DecodeAsync(ReadOnlyMemory<byte> wave, CancellationToken cancel)
    {
        foreach (Uri node in await nodes(cancel).ConfigureAwait(false) ?? [])
        {
            try
            {
                return await DecodeAsync(node, wave, cancel).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is RpcException or InvalidOperationException or IOException or OperationCanceledException && !cancel.IsCancellationRequested)
            {
                // away, or it broke: the next one
            }
        }
        cancel.ThrowIfCancellationRequested();
        return DecodedSound.Refused(DecodeFault.Away);
    }

    private static async Task<DecodedSound> DecodeAsync(Uri node, ReadOnlyMemory<byte> wave, CancellationToken cancel)
    {
        using NodeDialer dialer = new(node);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(s_patience);
        using AsyncDuplexStreamingCall<Upload, Decoded> call = new Wire.MediaControl.MediaControlClient(dialer.Channel).Decode(cancellationToken: limit.Token);
        for (int at = 0; at < wave.Length; at += Piece)
            await call.RequestStream.WriteAsync(new Upload { Octets = UnsafeByteOperations.UnsafeWrap(wave.Slice(at, Math.Min(Piece, wave.Length - at))) }, limit.Token).ConfigureAwait(false);
        await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        using MemoryStream samples = new();
        int rate = 0;
        while (await call.ResponseStream.MoveNext(limit.Token).ConfigureAwait(false))
        {
            Decoded part = call.ResponseStream.Current;
            if (part.Fault.Length > 0)
                return DecodedSound.Refused(Enum.TryParse(part.Fault, out DecodeFault fault) ? fault : DecodeFault.Unsupported);
            if (part.SampleRate > 0)
                rate = part.SampleRate;
            samples.Write(part.Samples.Span);
        }
        return rate == 0 || samples.Length == 0 ? DecodedSound.Refused(DecodeFault.NoData) : new DecodedSound(DecodeFault.None, rate, samples.GetBuffer().AsMemory(0, (int)samples.Length));
    }
}
