using System.Buffers;
using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit;

namespace CloudPbx.Sip.Tests.Transport;

public class StreamFramerTests
{
    private const string Options =
        "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n";

    // Those that no stream can carry: without, with several, with a negative or with an unmet Content-Length, and the one without end.
    private static readonly string[] s_datagramsOnly = ["inv2543", "mcl01", "ncl", "clerr", "baddn"];

    [Fact]
    public void The_torture_stream_gives_the_same_messages_in_pieces_of_any_size()
    {
        byte[][] messages = [.. StreamMessages];
        byte[] stream = [.. messages.SelectMany(message => message)];
        foreach (int size in (int[])[1, 2, 3, 7, 100, 1460, stream.Length])
            AssertSame(messages, ReadInPieces(stream, Enumerable.Range(1, stream.Length / size + 1).Select(i => Math.Min(i * size, stream.Length))));
    }

    [Fact]
    public void Two_torture_messages_cut_at_every_octet_stay_the_same_messages()
    {
        foreach ((byte[] first, byte[] second) in StreamMessages.Zip(StreamMessages.Skip(1)))
        {
            byte[] stream = [.. first, .. second];
            for (int cut = 0; cut <= stream.Length; cut++)
                AssertSame([first, second], ReadInPieces(stream, [cut, stream.Length]));
        }
    }

    [Fact]
    public void A_stream_that_comes_octet_by_octet_in_as_many_segments_gives_the_same_messages()
    {
        byte[] stream = [.. Whole(Corpus.Rfc4475[0]), .. "\r\n\r\n"u8, .. Whole(Corpus.Rfc4475[1])];
        Assert.Equal([FrameResult.Message, FrameResult.KeepAlivePing, FrameResult.Message], Read(new StreamFramer(), Segment.Sequence(stream)).Select(read => read.Result));
    }

    [Fact]
    public void A_message_has_the_length_that_the_parser_sees()
    {
        foreach (byte[] octets in Corpus.Rfc4475.Concat(Corpus.Rfc5118).Select(Whole))
        {
            SipMessageView.Parse(octets, out SipMessageView view);
            foreach ((FrameResult result, byte[] message) in Read(new StreamFramer(), new ReadOnlySequence<byte>(octets)).Take(1))
                Assert.True(result != FrameResult.Message || message.AsSpan().SequenceEqual(view.Octets));
        }
    }

    [Theory]
    [InlineData("mcl01", SipParseError.DuplicateContentLength)]              // RFC 4475 §3.3.9
    [InlineData("ncl", SipParseError.ContentLength)]                         // RFC 4475 §3.1.2.3
    [InlineData("inv2543", SipParseError.MissingContentLength)]
    public void A_message_without_a_certain_end_ends_the_stream(string name, SipParseError expected)
    {
        StreamFramer framer = new();
        (FrameResult result, byte[] message) = Assert.Single(Read(framer, new ReadOnlySequence<byte>(Corpus.Load($"rfc4475/{name}.dat"))));
        Assert.Equal((FrameResult.Malformed, expected), (result, framer.Error));
        SipMessage.TryParse(message, out SipMessage? request);               // it can still be answered before the stream is closed
        Assert.True(request is null or SipRequest);
        Assert.EndsWith("\r\n\r\n", Encoding.UTF8.GetString(message), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_never_becomes_whole_is_waited_for()           // RFC 4475 §3.1.2.2 clerr
    {
        ReadOnlySequence<byte> buffer = new(Corpus.Load("rfc4475/clerr.dat"));
        Assert.Equal(FrameResult.NeedMore, new StreamFramer().TryRead(ref buffer, out ReadOnlySequence<byte> message));
        Assert.True(message.IsEmpty);
    }

    [Theory]
    [InlineData("l: 3\r\nContent-Length: 3\r\n\r\nabc", SipParseError.DuplicateContentLength)]
    [InlineData("nonsense\r\nl: 3\r\nl: 4\r\n\r\nabcd", SipParseError.DuplicateContentLength)]
    [InlineData("l: 3\nX: y\r\n\r\nabc", SipParseError.BareLineBreak)]
    [InlineData("l: 3\r\nX: y\rz\r\n\r\nabc", SipParseError.BareLineBreak)]
    [InlineData("l: 65537\r\n\r\n", SipParseError.BodyTooLarge)]
    [InlineData("l: 99999999999999999999\r\n\r\n", SipParseError.BodyTooLarge)]
    [InlineData("l: 3 3\r\n\r\nabc", SipParseError.ContentLength)]
    [InlineData("\r\n", SipParseError.MissingContentLength)]
    public void S10_doubt_about_the_end_is_fatal(string rest, SipParseError expected)
    {
        StreamFramer framer = new();
        Assert.Equal(FrameResult.Malformed, Read(framer, Octets(Options + rest)).Single().Result);
        Assert.Equal(expected, framer.Error);
    }

    [Fact]
    public void Another_protocol_is_refused()
    {
        StreamFramer framer = new();
        Assert.Equal(FrameResult.Malformed, Read(framer, Octets("GET / HTTP/1.1\r\nHost: h\r\n\r\n")).Single().Result);
        Assert.Equal(SipParseError.StartLine, framer.Error);
    }

    [Theory]
    [InlineData("OPTIONS sip:a@b SIP/7.0\r\nl: 0\r\n\r\n")]                  // 505
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nnonsense\r\nl: 0\r\n\r\n")]      // 400
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nl :\r\n 0\r\n\r\n")]
    public void A_message_whose_end_is_certain_is_framed_whatever_else_it_is(string text) =>
        Assert.Equal(FrameResult.Message, Read(new StreamFramer(), Octets(text)).Single().Result);

    [Theory]
    [InlineData(new[] { "\r\n\r\n" }, new[] { FrameResult.KeepAlivePing })]
    [InlineData(new[] { "\r\n" }, new[] { FrameResult.KeepAlivePong })]
    [InlineData(new[] { "\r\n", "\r\n" }, new[] { FrameResult.KeepAlivePong, FrameResult.KeepAlivePing })]
    [InlineData(new[] { "\r\n\r", "\n" }, new[] { FrameResult.KeepAlivePing })]
    [InlineData(new[] { "\r", "\n\r\n" }, new[] { FrameResult.KeepAlivePing })]
    [InlineData(new[] { "\r\n", "OPTIONS" }, new[] { FrameResult.KeepAlivePong })]
    [InlineData(new[] { "\0\n" }, new[] { FrameResult.KeepAlivePong, FrameResult.KeepAlivePong })]      // noise
    public void Keep_alives_are_told_apart(string[] arriving, FrameResult[] expected)      // RFC 5626 §3.5.1
    {
        StreamFramer framer = new();
        List<FrameResult> results = [];
        string left = "";
        foreach (string part in arriving)
        {
            ReadOnlySequence<byte> buffer = Octets(left + part);
            while (framer.TryRead(ref buffer, out _) is not FrameResult.NeedMore and FrameResult result)
                results.Add(result);
            left = Encoding.ASCII.GetString(buffer.ToArray());
        }
        Assert.Equal(expected, results);
    }

    [Fact]
    public void A_header_section_without_end_is_bounded()
    {
        StreamFramer framer = new(maximumHeaderSection: 1000);
        Assert.Equal(FrameResult.NeedMore, Read(framer, Octets(new string('x', 1000))).Single().Result);
        Assert.Equal(FrameResult.Malformed, Read(framer, Octets(new string('x', 1001))).Single().Result);
        Assert.Equal(SipParseError.HeaderSectionTooLarge, framer.Error);
    }

    private static IEnumerable<byte[]> StreamMessages => Corpus.Rfc4475.Concat(Corpus.Rfc5118).Where(torture => !s_datagramsOnly.Contains(torture.Name)).Select(Whole);

    // The stream as a reader meets it when this much, then this much of it has arrived.
    private static List<byte[]> ReadInPieces(byte[] stream, IEnumerable<int> arrivals)
    {
        StreamFramer framer = new();
        List<byte[]> messages = [];
        int taken = 0;
        foreach (int arrived in arrivals)
        {
            ReadOnlySequence<byte> buffer = new(stream, taken, arrived - taken);
            while (framer.TryRead(ref buffer, out ReadOnlySequence<byte> message) is FrameResult.Message)
                messages.Add(message.ToArray());
            taken = arrived - (int)buffer.Length;
        }
        Assert.Equal((stream.Length, SipParseError.None), (taken, framer.Error));
        return messages;
    }

    // Assert.Equal compares octet by octet through an interface: far too slow for this many.
    private static void AssertSame(byte[][] expected, List<byte[]> actual) =>
        Assert.True(expected.Length == actual.Count && expected.Zip(actual).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)));

    private static byte[] Whole(TortureMessage torture) =>
        torture.Name == "dblreq" ? torture.Octets[..(torture.Octets.AsSpan().IndexOf("\r\n\r\n"u8) + 4)] : torture.Octets;

    private static ReadOnlySequence<byte> Octets(string text) => new(Encoding.UTF8.GetBytes(text));

    // Everything to be had from the buffer; NeedMore only if nothing else came.
    private static List<(FrameResult Result, byte[] Message)> Read(StreamFramer framer, ReadOnlySequence<byte> buffer)
    {
        List<(FrameResult, byte[])> read = [];
        while (true)
        {
            FrameResult result = framer.TryRead(ref buffer, out ReadOnlySequence<byte> message);
            if (result != FrameResult.NeedMore || read.Count == 0)
                read.Add((result, message.ToArray()));
            if (result is FrameResult.NeedMore or FrameResult.Malformed)
                return read;
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Sequence(byte[] octets)
        {
            Segment first = new() { Memory = octets.AsMemory(0, 1) };
            Segment last = first;
            for (int i = 1; i < octets.Length; i++)
            {
                Segment next = new() { Memory = octets.AsMemory(i, 1), RunningIndex = i };
                last.Next = next;
                last = next;
            }
            return new ReadOnlySequence<byte>(first, 0, last, 1);
        }
    }
}
