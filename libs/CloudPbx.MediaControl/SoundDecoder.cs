using System.Net.Security;
using System.Net.Sockets;
using Google.Protobuf;
using CloudPbx.MediaControl.Wire;

namespace CloudPbx.MediaControl;

/// <summary><see cref="ISoundDecoder"/> by the first media node that answers.</summary>
/// <param name="nodes">The nodes' addresses, the best first; null or none: there is none now.</param>
/// <param name="tls">For nodes of <c>https://</c>, as <see cref="MediaControlClientOptions.Tls"/>.</param>
public sealed class SoundDecoder(Func<CancellationToken, Task<IReadOnlyList<Uri>?>> nodes, Func<SslClientAuthenticationOptions>? tls = null) : ISoundDecoder
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
            catch (Exception fault) when (fault is SocketException or IOException or OperationCanceledException && !cancel.IsCancellationRequested)
            {
                // away, or it broke: the next one
            }
        }
        cancel.ThrowIfCancellationRequested();
        return DecodedSound.Refused(DecodeFault.Away);
    }

    private async Task<DecodedSound> DecodeAsync(Uri node, ReadOnlyMemory<byte> wave, CancellationToken cancel)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(s_patience);
        ControlLink link = await new NodeDialer(node, tls).ConnectAsync(s_patience, limit.Token).ConfigureAwait(false);
        await using (link.ConfigureAwait(false))
        {
            await using CancellationTokenRegistration giveUp = limit.Token.UnsafeRegister(static link => ((ControlLink)link!).Close(), link);
            using var answer = new Answer(link);
            Task receiving = link.ReceiveAsync(Event.Parser, answer.Take);
            for (int at = 0; at < wave.Length || at == 0; at += Piece)
            {
                int length = Math.Min(Piece, wave.Length - at);
                var upload = new Upload { Octets = UnsafeByteOperations.UnsafeWrap(wave.Slice(at, length)), Last = at + length == wave.Length };
                await link.SendAsync(new Command { Correlation = 1, Upload = upload }, limit.Token).ConfigureAwait(false);
            }
            await receiving.ConfigureAwait(false);
            limit.Token.ThrowIfCancellationRequested();
            return answer.Sound ?? throw new IOException("The node ended the connection.");
        }
    }

    /// <summary>Gathers the pieces of the answer; the last one ends the connection.</summary>
    private sealed class Answer(ControlLink link) : IDisposable
    {
        private readonly MemoryStream _samples = new();
        private int _rate;

        public DecodedSound? Sound { get; private set; }

        public void Take(Event report)
        {
            if (report.Decoded is not { } part || Sound is not null)
                return;
            if (part.SampleRate > 0)
                _rate = part.SampleRate;
            _samples.Write(part.Samples.Span);
            if (!part.Last)
                return;
            Sound = part.Fault.Length > 0 ? DecodedSound.Refused(Enum.TryParse(part.Fault, out DecodeFault fault) ? fault : DecodeFault.Unsupported)
                : _rate == 0 || _samples.Length == 0 ? DecodedSound.Refused(DecodeFault.NoData)
                : new DecodedSound(DecodeFault.None, _rate, _samples.ToArray());
            link.Close();
        }

        public void Dispose() => _samples.Dispose();
    }
}
