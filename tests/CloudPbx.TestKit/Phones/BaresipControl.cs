using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.TestKit.Phones;

/// <summary>baresip's remote control (its module ctrl_tcp): JSON in netstrings, events and replies on one connection.</summary>
internal sealed class BaresipControl : IAsyncDisposable
{
    private static readonly TimeSpan s_reply = TimeSpan.FromSeconds(20);
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly Channel<JsonElement> _replies = Channel.CreateUnbounded<JsonElement>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reader;

    private BaresipControl(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket);
        _reader = Task.Run(ReadAsync);
    }

    internal Journal<BaresipEvent> Events { get; } = new();

    /// <summary>Connects as soon as baresip listens.</summary>
    internal static async Task<BaresipControl> ConnectAsync(int port, NetworkNamespace? network, ChildProcess baresip, CancellationToken cancel)
    {
        using PeriodicTimer again = new(TimeSpan.FromMilliseconds(50));
        long end = Environment.TickCount64 + 10_000;
        while (true)
        {
            Socket Create() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            Socket socket = network is null ? Create() : network.Enter(Create);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancel);
                return new BaresipControl(socket);
            }
            catch (SocketException) when (!baresip.HasExited && Environment.TickCount64 < end)
            {
                socket.Dispose();
            }
            catch (SocketException)
            {
                socket.Dispose();
                throw new PhoneException($"baresip does not listen for commands.{Environment.NewLine}{baresip.Tail()}");
            }
            await again.WaitForNextTickAsync(cancel);
        }
    }

    /// <summary>Gives a command and returns its reply's data.</summary>
    internal async Task<string> CommandAsync(string command, string parameters, CancellationToken cancel)
    {
        byte[] json = Encoding.UTF8.GetBytes(new JsonObject { ["command"] = command, ["params"] = parameters, ["token"] = command }.ToJsonString());
        await _stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"{json.Length}:"), .. json, (byte)','], cancel);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(s_reply);
        JsonElement reply = await _replies.Reader.ReadAsync(limit.Token);
        string data = reply.TryGetProperty("data", out JsonElement text) ? text.ToString() : "";
        if (!reply.GetProperty("ok").GetBoolean()) throw new PhoneException($"baresip refused '{command} {parameters}': {data}");
        return data;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _reader;
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[65536];
        int filled = 0;
        try
        {
            while (true)
            {
                int got = await _stream.ReadAsync(buffer.AsMemory(filled), _stop.Token);
                if (got == 0) break;
                filled += got;
                int used = 0;
                while (TryTake(buffer.AsMemory(used, filled - used), out ReadOnlyMemory<byte> json, out int taken))
                {
                    Dispatch(json);
                    used += taken;
                }
                buffer.AsSpan(used, filled - used).CopyTo(buffer);
                filled -= used;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The phone was stopped.
        }
        Events.Close();
        _replies.Writer.TryComplete();
    }

    /// <summary>Takes one netstring, <c>LENGTH:OCTETS,</c>.</summary>
    private static bool TryTake(ReadOnlyMemory<byte> buffer, out ReadOnlyMemory<byte> content, out int taken)
    {
        content = default;
        taken = 0;
        int colon = buffer.Span.IndexOf((byte)':');
        if (colon < 0) return false;
        int length = int.Parse(buffer.Span[..colon], provider: null);
        if (buffer.Length < colon + 1 + length + 1) return false;
        content = buffer.Slice(colon + 1, length);
        taken = colon + 1 + length + 1;
        return true;
    }

    private void Dispatch(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        if (root.TryGetProperty("event", out JsonElement isEvent) && isEvent.ValueKind == JsonValueKind.True) Events.Add(BaresipEvent.From(root));
        else _replies.Writer.TryWrite(root.Clone());
    }
}
